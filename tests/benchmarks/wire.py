"""HTTP/1.1 as cheap as Python can: one request at a time over a connection that stays open."""

import asyncio
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
STATUS = slice(9, 12)
"""Where the status stands in `HTTP/1.1 200 OK`."""


def request(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a POST as it goes over the wire."""
    address = urlsplit(url)
    lines = [
        f"POST {address.path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + HEAD_END + body


class Connection(asyncio.Protocol):
    """A connection that is opened again where the server has closed it after an answer."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._received = bytearray()
        self._whole = 0

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """Return a connection that is open. Raises OSError."""
        connection = cls(host, port)
        await connection._connect()
        return connection

    async def ask(self, sent: bytes) -> int:
        """Send a request and return the status, or 0 where the server hung up instead of an answer."""
        if self._transport is None:
            try:
                await self._connect()
            except OSError:
                return 0
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._received.clear()
        self._whole = 0
        self._transport.write(sent)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    async def _connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own class is not asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            self._whole = length_of(self._received)
        if self._whole and len(self._received) >= self._whole:
            self._tell(int(self._received[STATUS]))

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self._transport = None
        self._tell(0)

    def _tell(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


def length_of(received: bytes | bytearray, *, may_be_bare: bool = False) -> int:
    """Return how many bytes a message has in all, or 0 where its head is not complete.

    Raises ValueError for one that does not tell its length, unless it `may_be_bare`, without a body.
    """
    end = received.find(HEAD_END)
    if end < 0:
        return 0
    head = bytes(received[:end]).lower()
    start = head.find(LENGTH)
    if start < 0 and may_be_bare:
        return end + len(HEAD_END)
    if start < 0:
        raise ValueError(f"a message without Content-Length: {head[:200]!r}")
    return end + len(HEAD_END) + int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])
