"""Kafka's answers as they come in: pieces that are put together once, when an answer is whole.

asyncio's reader adds each piece to one buffer, which is moved as it grows, stops the socket at every 128 kB,
and wakes for each piece who waits for all: an answer of megabytes is copied some ten times. Kafka says
nothing that it was not asked for, so that there is nothing to hold back.
"""

import asyncio
from collections import deque

from aiokafka import conn


class FrameReader(asyncio.StreamReader):
    """A reader for a protocol that tells the length of what comes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._pieces: deque[memoryview] = deque()
        self._held = 0
        self._awaited = 0

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # what a socket gives
        """Keep a piece; who waits is woken by the last one."""
        self._pieces.append(memoryview(data))
        self._held += len(data)
        if self._held >= self._awaited:
            self._wakeup_waiter()  # type: ignore[attr-defined]

    async def readexactly(self, n: int) -> bytes:
        """Return the next n bytes. Raises what cut the connection, and IncompleteReadError at its end."""
        self._awaited = n
        while self._held < n and not self._eof and self.exception() is None:  # type: ignore[attr-defined]
            await self._wait_for_data("readexactly")  # type: ignore[attr-defined]
        if (error := self.exception()) is not None:
            raise error
        if self._held < n:
            raise asyncio.IncompleteReadError(b"".join(self._pieces), n)
        return self._taken(n)

    def at_eof(self) -> bool:
        """Say whether all was read and nothing more comes."""
        return self._eof and not self._held  # type: ignore[attr-defined]

    def _taken(self, n: int) -> bytes:
        self._held -= n
        taken = []
        while n:
            piece = self._pieces.popleft()
            if len(piece) > n:
                self._pieces.appendleft(piece[n:])
                piece = piece[:n]
            taken.append(piece)
            n -= len(piece)
        return b"".join(taken)


class FrameProtocol(conn.AIOKafkaProtocol):  # type: ignore[misc]  # aiokafka is not typed
    """What the client makes for a connection, with a reader of ours in the place of asyncio's."""

    def __init__(
        self, closed: asyncio.Future[None], reader: asyncio.StreamReader, *, loop: asyncio.AbstractEventLoop
    ) -> None:
        del reader
        self.frames = FrameReader(loop)
        super().__init__(closed, self.frames, loop=loop)
