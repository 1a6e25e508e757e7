"""A file of applications comes in: read as it arrives, checked, and kept part by part."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from services.gateway.batch_file import Columns
from services.gateway.batch_part import MOST_ROWS, TOLD_ROWS, Part, make_part, new_batch_id
from services.gateway.batch_rows import Record, Rows
from services.gateway.batch_store import Batch, BatchStore, KeyTakenError
from services.gateway.problems import FieldProblem, ProblemError, invalid
from services.gateway.storage import StatementError
from services.kit.errors import UnavailableError

Body = AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """What is said of a file beside its content."""

    name: str
    request_key: str | None
    """Who sends it, and the Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Received:
    """A batch that came in."""

    batch: Batch
    replayed: bool
    """Whether it was there already."""


class Intake:
    """Takes files in. Nothing of a file runs before the whole of it is kept."""

    def __init__(
        self,
        store: BatchStore,
        not_ready: Callable[[], Sequence[str]],
        came_in: Callable[[], None],
        *,
        most_rows: int = MOST_ROWS,
    ) -> None:
        """Make an intake that takes nothing while there is a reason, and tells by `came_in` of work."""
        self._store = store
        self._not_ready = not_ready
        self._came_in = came_in
        self._most_rows = most_rows

    async def receive(self, body: Body, upload: Upload) -> Received:
        """Return the batch of a file, which runs from now on.

        Raises ProblemError for what is no file of applications, or another one under the same key;
        UnavailableError where it cannot be kept. The whole body is read in any case: a client that is
        answered while it still sends may never see the answer.
        """
        reading = _Reading(body)
        try:
            self._require_ready()
            known = await self._store.find_by_key(upload.request_key) if upload.request_key else None
            if known is not None:
                return await _same_again(known, reading)
            return await self._keep(reading, upload)
        except (ProblemError, UnavailableError, StatementError):
            await reading.rest()
            raise

    def _require_ready(self) -> None:
        reasons = self._not_ready()
        if reasons:
            raise UnavailableError("; ".join(reasons))

    async def _keep(self, reading: "_Reading", upload: Upload) -> Received:
        batch_id = new_batch_id()
        parts = _parts(reading, self._most_rows)
        first = await anext(parts, None)
        if first is None:
            raise invalid([FieldProblem(field="body", message="Has no rows")])
        await self._store.begin(batch_id, upload.name)
        try:
            await self._store.add(batch_id, first)
            async for part in parts:
                await self._store.add(batch_id, part)
            batch = await self._store.complete(batch_id, reading.digest(), upload.request_key)
        except BaseException as error:
            # Whatever ends it, a client that leaves too: half a file is nothing. What cannot be dropped now
            # is dropped later, as after a crash.
            with suppress(UnavailableError, StatementError):
                await asyncio.shield(self._store.drop(batch_id))
            if isinstance(error, KeyTakenError) and upload.request_key:
                other = await self._store.find_by_key(upload.request_key)
                if other is not None:
                    return await _same_again(other, reading)
            raise
        self._came_in()
        return Received(batch, replayed=False)


async def _same_again(known: Batch, reading: "_Reading") -> Received:
    await reading.rest()
    if reading.digest() != known.digest:
        detail = f"Another file was sent with this Idempotency-Key: it is batch {known.batch_id}."
        raise ProblemError(HTTPStatus.CONFLICT, detail, kind="another-batch")
    return Received(known, replayed=True)


class _Reading:
    """A body as it is read, with the digest of what was."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._hash = sha256()

    async def chunks(self) -> Body:
        async for chunk in self._body:
            self._hash.update(chunk)
            yield chunk

    async def rest(self) -> None:
        async for _ in self.chunks():
            pass

    def digest(self) -> bytes:
        return self._hash.digest()


async def _parts(reading: _Reading, most_rows: int) -> AsyncIterator[Part]:
    """Yield the parts of a file. Raises ProblemError for columns that are not ours, and for too many rows."""
    columns: Columns | None = None
    number, row, told = 0, 1, TOLD_ROWS
    async for records in _cut(reading):
        # In threads: other requests go on meanwhile.
        if columns is None:
            columns = await asyncio.to_thread(Columns, records[0])
            continue
        part = await asyncio.to_thread(make_part, number, row, records, columns, told)
        if part.last_row > most_rows:
            raise too_long(most_rows)
        yield part
        number, row, told = number + 1, part.last_row + 1, max(0, told - part.invalid)


def too_long(most_rows: int) -> ProblemError:
    """Return the problem of a file with more rows than are taken."""
    message = f"Has more than {most_rows} rows: split the file, and send its parts one by one"
    return invalid([FieldProblem(field="body", message=message, allowed=f"CSV with up to {most_rows} rows")])


async def _cut(reading: _Reading) -> AsyncIterator[list[Record]]:
    """Yield the header alone, and then the rows of each part."""
    rows = Rows()
    async for chunk in reading.chunks():
        # In a thread, for a single byte may end a record of thousands of characters.
        for records in await asyncio.to_thread(rows.feed, chunk):
            yield records
    for records in await asyncio.to_thread(rows.feed, b"", last=True):
        yield records
