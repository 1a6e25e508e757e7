"""Answers of megabytes, which whoever looks may ask for: few are held at a time, and one is made at a time.

What they are made of is read and written in a thread: the event loop is the stage's, its ticks' and its
probes' too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from gzip import compress
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.monitoring.places import Places

AT_A_TIME: Final = 8
"""From the question until the answer is sent. A report's page has 5 MB, 16 at most, a table 1 MB: with them
in memory a pod of 1 GiB still has room for the process that makes a report, which takes 350 MB."""
LINE: Final = timedelta(seconds=10)
"""Longest wait for a place. A hundred pages may ask at a tick; each gives up after 20 s."""
AGAIN: Final = timedelta(seconds=5)
"""A place is free again by then, or is not soon: a tick is as long."""
SENT_WITHIN: Final = timedelta(seconds=30)
"""Who has not taken the whole answer by then gets no more of it: else a few who read nothing would keep all
places. A packed page takes 0.4 Mbit/s."""
PIECE: Final = 64 * 1024
"""Bytes that are sent at a time: the server holds two of them, and waits for the reader."""
LEAST_PACKED: Final = 1000
"""Bytes. Fewer are sent as they are."""
LEVEL: Final = 5
"""Of packing: a page takes 0.2 s. The highest takes 0.4 s, for one part in a hundred less."""
log = structlog.stdlib.get_logger("answers")


class LargeAnswers:
    """The large answers of this process."""

    def __init__(self, places: Places | None = None, *, sent_within: timedelta = SENT_WITHIN) -> None:
        """`places` are those of AT_A_TIME where none are given."""
        taken = "large answers are on their way"
        self._places = places or Places(AT_A_TIME, taken, again=AGAIN, line=LINE)
        self._sent_within = sent_within
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place, which must be until the answer is sent. Raises ProblemError where none gets free."""
        async with self._places.place():
            yield

    async def answer(
        self,
        request: Request,
        make: Callable[[], bytes],
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Make an answer in a thread, when no other is being made; packed, where the client takes that."""
        packs = "gzip" in request.headers.get("accept-encoding", "")
        async with self._turn:
            content, packed = await asyncio.to_thread(_made, make, packs=packs)
        told = {"Vary": "Accept-Encoding", **(headers or {})}
        if packed:
            told["Content-Encoding"] = "gzip"
        return LargeAnswer(content, media_type, told, self._sent_within)


class LargeAnswer(Response):
    """An answer that is sent as its reader takes it, and no longer than it may take."""

    def __init__(
        self, content: bytes, media_type: str, headers: Mapping[str, str], within: timedelta
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self._within = within.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it. What is not sent in time is left out, and the server ends the connection."""
        try:
            async with asyncio.timeout(self._within):
                await self._send(send)
        except TimeoutError:
            log.warning("answer_not_taken", path=scope["path"], bytes=len(self.body), seconds=self._within)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        size = len(self.body)
        for begin in range(0, max(size, 1), PIECE):
            end = begin + PIECE
            await send({"type": "http.response.body", "body": self.body[begin:end], "more_body": end < size})


def _made(make: Callable[[], bytes], *, packs: bool) -> tuple[bytes, bool]:
    content = make()
    if packs and len(content) >= LEAST_PACKED:
        return compress(content, LEVEL, mtime=0), True
    return content, False
