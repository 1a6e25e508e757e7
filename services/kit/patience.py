"""How long a client may take to ask, and how many headers it may send: else a few keep all others out."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from json import dumps
from typing import cast

from services.kit.heads import protocol


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of a connection. Times are in seconds."""

    head_within: float = 10
    """Longest wait for a request's first line and headers, all of them."""
    body_within: float = 30
    """Longest silence before the rest of a body."""
    least_rate: int = 1_000
    """Bytes a second that a body must come to on the whole, beyond the time of one such silence: a byte now
    and then would hold what is kept for the request for as long as it likes."""
    between_requests: int = 120
    """Longest silence after an answer. Proxies must be the first to hang up (nginx and AWS's balancers do so
    after a minute): one that sends a request just then has no answer to give."""
    largest_head: int = 64 * 1024
    """Bytes of first line and headers, give or take one read from the socket."""


class ImpatientProtocol(asyncio.Protocol):
    """uvicorn's protocol for a connection, which by itself waits for ever and takes any number of headers."""

    def __init__(self, patience: Patience, **wired: object) -> None:
        self._inner = protocol(self._refuse, **wired)
        self._patience = patience
        self._transport = asyncio.Transport()
        self._begun = False
        self._reading: object = None
        self._reading_since = 0.0
        self._read = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)
        self._wait(self._patience.head_within)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and wait for the rest where there is some."""
        self._begun = self._begun or not self._unread()
        self._inner.data_received(data)
        if (most := self._patience.largest_head) < getattr(self._inner, "head", 0):
            detail = f"The headers have more than {most} bytes; send fewer or shorter ones."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        elif self._asking():
            self._begun = False
            self._stop()
            if self._inner.cycle.more_body:
                self._wait_for_body(len(data))
        elif self._timer is None:
            self._wait(self._patience.head_within)

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return cast("bool | None", self._inner.eof_received())

    def pause_writing(self) -> None:
        """Pass it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop()
        self._inner.connection_lost(error)

    def _asking(self) -> bool:
        """Whether a request's head is here and its answer is not complete."""
        cycle = self._inner.cycle
        return cycle is not None and not cycle.response_complete

    def _unread(self) -> bool:
        """Whether a request was answered before its body was here: the rest of it is read by nobody."""
        cycle = self._inner.cycle
        return cycle is not None and cycle.response_complete and cycle.more_body

    def _wait_for_body(self, received: int) -> None:
        now = asyncio.get_running_loop().time()
        if self._reading is not self._inner.cycle:
            self._reading, self._reading_since, self._read = self._inner.cycle, now, 0
        self._read += received
        silence, rate = self._patience.body_within, self._patience.least_rate
        if now - self._reading_since > silence + self._read / rate:
            detail = f"The body comes at less than {rate} bytes a second; send faster."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, detail)
        else:
            self._wait(silence)

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._waited, seconds)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _waited(self, seconds: float) -> None:
        self._timer = None
        if not self._asking():
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, f"No request was complete after {seconds:g} s; send faster."
            )
        elif self._inner.flow.read_paused:
            # The service has enough to do with what it has; the client may not even send.
            self._wait(seconds)
        elif self._inner.cycle.more_body:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, f"Nothing of the body came for {seconds:g} s; send faster."
            )

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Close the connection, with a problem document where something was asked and nothing is answered.

        Who has only opened a connection, ahead of need, would take it for the answer to what it asks next.
        """
        if self._transport.is_closing():
            return
        answered = getattr(self._inner, "answered", self._inner.cycle)
        amid_answer = answered is not None and answered.response_started and not answered.response_complete
        begun = self._asking() or self._begun
        if begun and not (self._unread() or amid_answer):
            self._transport.write(_problem(status, detail))
        self._transport.close()


def _problem(status: HTTPStatus, detail: str) -> bytes:
    told = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    body = dumps(told).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
