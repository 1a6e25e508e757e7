"""What the loop does of its own, on connections that a test plays."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from services.kit.dead_letters import DeadLetterOffice
from services.kit.errors import UnavailableError
from services.kit.metrics import StageMetrics
from services.kit.progress import Progress
from services.kit.records import Emit, Handler, Message, Output, Partition, Record
from services.kit.settings import StreamSettings
from services.kit.stream import Stage

LANE = Partition("features", 0)
SETTINGS = StreamSettings(retry_first=timedelta(milliseconds=1), lag_every=timedelta(0))


class Played:
    """A connection with some records, or with records that wait and never come."""

    def __init__(self, *values: bytes, lag: int = 0, opens: bool = True) -> None:
        self._records = [Record(LANE, n, 0, b"key", value) for n, value in enumerate(values)]
        self._lag = lag
        self._opens = opens
        self.delivered: list[Mapping[Partition, Output[Message]]] = []
        self.closed = False

    async def open(self) -> None:
        if not self._opens:
            raise UnavailableError("no broker")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        await asyncio.sleep(0)
        records, self._records = self._records, []
        return {LANE: records} if records else {}

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        self.delivered.append(outputs)

    def rewind(self, partition: Partition, offset: int) -> None: ...

    def resume(self, partition: Partition) -> None: ...

    async def lag(self) -> Mapping[Partition, int]:
        return {LANE: self._lag}

    async def close(self) -> None:
        self.closed = True


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def stage(
    *sessions: Played, handler: Handler[Message] = lambda _: [], progress: Progress | None = None
) -> Stage[Message]:
    """Return a stage that opens one connection after the other."""
    connections = iter(sessions)
    return Stage(
        lambda: next(connections),
        handler,
        office=DeadLetterOffice("dead", "scoring", lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        settings=SETTINGS,
        metrics=StageMetrics(CollectorRegistry()),
        progress=progress or Progress(turn_within=timedelta(seconds=60)),
    )


def emit(records: Sequence[Record]) -> list[Emit[Message]]:
    return [Emit((Message("decisions", record.key, record.value),)) for record in records]


async def test_a_turn_says_how_many_records_are_done_with() -> None:
    connection = Played(b"1", b"2")
    one = stage(connection, handler=emit)
    assert await one.turn(connection) == 2
    assert await one.turn(connection) == 0
    assert len(connection.delivered) == 1


async def test_a_session_that_cannot_begin_is_closed_and_tried_again() -> None:
    away, there, stop = Played(opens=False), Played(b"1"), asyncio.Event()

    def stop_after(records: Sequence[Record]) -> list[Emit[Message]]:
        stop.set()
        return emit(records)

    await stage(away, away, there, handler=stop_after).run(stop)
    assert away.closed
    assert there.closed
    assert len(there.delivered) == 1


async def test_records_that_wait_and_never_come_break_the_session() -> None:
    clock = Clock()
    progress = Progress(turn_within=timedelta(seconds=600), clock=clock)
    stuck = Played(lag=3)
    one = stage(stuck, progress=progress)
    await one.turn(stuck)
    clock.seconds += SETTINGS.stuck_after.total_seconds()
    await one.turn(stuck)
    clock.seconds += 1
    with pytest.raises(UnavailableError, match="3 records wait, and none has arrived"):
        await one.turn(stuck)


async def test_the_log_tells_where_a_handler_crashed_and_nothing_of_the_record() -> None:
    def crash(records: Sequence[Record]) -> list[Emit[Message]]:
        raise ValueError(f"bad amount {records[0].value!r}")

    connection = Played(b"Ann Example, 45000")
    with capture_logs() as logged:
        await stage(connection, handler=crash).turn(connection)
    (event,) = logged
    assert event["event"] == "record_crashed_handler"
    assert (event["position"], event["error"]) == ("features:0:0", "ValueError")
    assert event["where"].startswith(f"{__file__}:")
    assert "Ann Example" not in str(logged)
    ((_, letter),) = connection.delivered[0][LANE].dead
    assert ("octroi_error", b"ValueError: bad amount b'Ann Example, 45000'") in letter.headers
