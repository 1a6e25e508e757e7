"""What stands around bodies is bounded: uvicorn takes any number of headers, trailers and requests ahead."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from services.kit.answers import Answering

MOST_HEADERS = 256
"""Of a request, trailers among them."""
MOST_AHEAD = 16
"""Requests that may be here before the first of them is answered."""
Refuse = Callable[[HTTPStatus, str], None]


class BoundedProtocol(cast("Any", AutoHTTPProtocol)):  # type: ignore[misc]  # which one, the machine decides
    """uvicorn's protocol by httptools, which ends a connection that sends too much beside bodies.

    All that is no body counts, in every state: behind a request that is answered, too, and behind a body.
    """

    def __init__(self, refuse: Refuse, **wired: object) -> None:
        """Begin; `refuse` is told why a connection is to be ended."""
        super().__init__(**wired)
        self.head = 0
        """Bytes since the last request or chunk began, without bodies, give or take one read."""
        self.answered: Any = None
        """The request that is being answered; `cycle` is the last that came, which may wait behind it."""
        self._refuse = refuse
        self._reason = HTTPStatus.BAD_REQUEST, "What came is no HTTP request that can be read."

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        self.head += len(data)
        super().data_received(data)
        self.head = max(self.head, 0)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer."""
        if len(self.headers) >= MOST_HEADERS:
            detail = f"The request has more than {MOST_HEADERS} headers; send fewer."
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin with a request, or put it behind those before it."""
        if len(self.pipeline) >= MOST_AHEAD:
            detail = f"There are more than {MOST_AHEAD} requests ahead of their answers; wait for these."
            self._end(HTTPStatus.TOO_MANY_REQUESTS, detail)
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Begin with a chunk of a body, or with the trailers."""
        self.head = 0

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self.head -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin with the next request."""
        self.head = 0
        super().on_message_complete()
        # Of a request that was answered before, uvicorn would go on waiting for the body.
        self.cycle.more_body = False

    def send_400_response(self, msg: str) -> None:
        """End the connection, as a request cannot be read or is too much."""
        del msg
        self._refuse(*self._reason)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered that nobody waits for it any more."""
        if self.answered is not None and not self.answered.response_complete:
            self.answered.disconnected = True
            self.answered.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:  # noqa: ANN401 - as it is there
        self.answered = cycle
        cycle.transport = Answering(cycle.transport)
        super()._start_asgi_task(cycle, app)

    def _end(self, status: HTTPStatus, detail: str) -> None:
        """Raise what ends the parser, so that nothing more is taken of what has come."""
        self._reason = status, detail
        raise ValueError(detail)


def protocol(refuse: Refuse, **wired: object) -> Any:  # noqa: ANN401 - as uvicorn has it
    """Return what speaks HTTP on a connection. h11, where there is no httptools, has bounds of its own."""
    if hasattr(AutoHTTPProtocol, "on_header"):
        return BoundedProtocol(refuse, **wired)
    return cast("Any", AutoHTTPProtocol)(**wired)
