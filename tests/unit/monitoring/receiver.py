"""A receiver of webhooks for tests."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

SECRET = "s" * 32


class Receiver(ThreadingHTTPServer):
    """A receiver as its operators would write it: it checks signatures and answers as the test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers: list[int] = []
        """Status of the next requests; 204 when there are none left, 0 for no answer at all."""
        self.taken: list[dict[str, Any]] = []
        self.requests: list[tuple[str, bytes, str]] = []
        self.asked = Event()
        self.released = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/alerts?token=t-0"

    def genuine(self, timestamp: str, body: bytes, signature: str) -> bool:
        expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        fresh = abs(datetime.now(UTC) - datetime.fromtimestamp(int(timestamp), UTC)) < timedelta(minutes=5)
        return fresh and hmac.compare_digest(f"sha256={expected}", signature)


class Request(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = (self.headers["X-Octroi-Timestamp"], body, self.headers["X-Octroi-Signature"])
        self.server.requests.append(signed)
        self.server.asked.set()
        status = self.server.answers.pop(0) if self.server.answers else 204
        if not status:
            self.server.released.wait()
            return
        if status < 300 and self.server.genuine(*signed):
            self.server.taken.append(json.loads(body))
        self.send_response(status if status >= 300 or self.server.genuine(*signed) else 401)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Run a receiver for the time of a test."""
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
