"""A gateway that knows what a test tells it, and has nothing behind it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION

AT = "2026-03-31T09:30:00Z"


class Answering(ThreadingHTTPServer):
    """Answers under each path with the document that stands there, and takes in what is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.documents: dict[str, Any] = {"/openapi.json": interface(), "/v1/batches": {"batches": []}}
        self.sent: list[bytes] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def know_dead(self, application_id: str, cells: Mapping[str, Any]) -> None:
        """Know an application that no stage could handle."""
        self.documents[f"/v1/applications/{application_id}"] = {
            "application_id": application_id,
            "state": "dead",
            "submitted_at": AT,
            "failure": {"stage": "feature", "error": "a cell is not as the contract says"},
            "application": cells,
        }

    def know_done(self, batch_id: str, rows: int) -> None:
        """Know a file of which every row is decided."""
        self.documents[f"/v1/batches/{batch_id}"] = {
            "batch_id": batch_id,
            "name": "march.csv",
            "state": "done",
            "created_at": AT,
            "finished_at": AT,
            **dict.fromkeys(("rows", "handed_in", "decided", "approved"), rows),
        }


class Request(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path)
        document = self.server.documents.get(path)
        self._answer(404 if document is None else 200, document or {})

    def do_POST(self) -> None:
        body = bytearray()
        while size := int(self.rfile.readline() or b"0", 16):
            body += self.rfile.read(size + len("\r\n"))[:size]
        self.server.sent.append(bytes(body))
        self._answer(422, {"errors": [{"field": "body", "message": "Has no rows"}]})

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        content = json.dumps(document).encode()
        # Who has sent only a part of a file is gone.
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


def interface() -> dict[str, Any]:
    example = {"complete": {"value": {"application": APPLICATION}}}
    body = {"requestBody": {"content": {"application/json": {"examples": example}}}}
    return {
        "components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}},
        "paths": {"/v1/applications": {"post": body}},
    }


@contextmanager
def running_gateway() -> Iterator[Answering]:
    """Run a gateway for the time of a test."""
    with Answering() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
