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
from services.kit.stream import Stage
from services.kit.stream_settings import StreamSettings

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

    async def rest(self) -> None: ...

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
    *sessions: Played,
    handler: Handler[Message] = lambda _: [],
    progress: Progress | None = None,
    begin: asyncio.Event | None = None,
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
        begin=begin,
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


async def test_what_must_not_be_read_yet_is_not_though_the_connection_stands() -> None:
    begin, stop, opened = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Opening(Played):
        async def open(self) -> None:
            opened.set()

    connection = Opening(b"1")

    def stop_after(records: Sequence[Record]) -> list[Emit[Message]]:
        assert begin.is_set()
        stop.set()
        return emit(records)

    running = asyncio.create_task(stage(connection, handler=stop_after, begin=begin).run(stop))
    await opened.wait()
    assert not connection.delivered
    begin.set()
    await running
    assert len(connection.delivered) == 1


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


class Backlog(Played):
    """A connection whose every batch is full, and whose deliveries end when the test says."""

    def __init__(self, batches: int) -> None:
        full = SETTINGS.batch_records
        super().__init__(*(b"%d" % n for n in range(batches * full)))
        self._full = full
        self.gates = [asyncio.Event() for _ in range(batches)]
        self.reached = asyncio.Event()
        self.begun = 0

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        records, self._records = self._records[: self._full], self._records[self._full :]
        return {LANE: records} if records else {}

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        gate = self.gates[self.begun]
        self.begun += 1
        self.reached.set()
        await gate.wait()
        await super().deliver(outputs)


async def test_in_a_backlog_the_next_batch_is_handled_while_the_last_is_delivered() -> None:
    loop, second_handled = asyncio.get_running_loop(), asyncio.Event()

    def emit_and_tell(records: Sequence[Record]) -> list[Emit[Message]]:
        if records[0].offset:
            loop.call_soon_threadsafe(second_handled.set)
        return emit(records)

    connection = Backlog(2)
    one = stage(connection, handler=emit_and_tell)
    await one.turn(connection)
    assert connection.delivered == []
    second = asyncio.create_task(one.turn(connection))
    async with asyncio.timeout(10):
        await second_handled.wait()
    assert (connection.begun, connection.delivered) == (1, [])
    for gate in connection.gates:
        gate.set()
    await second
    await one.turn(connection)
    ends = [outputs[LANE].next_offset for outputs in connection.delivered]
    assert ends == [SETTINGS.batch_records, 2 * SETTINGS.batch_records]


async def test_a_delivery_that_fails_ends_the_session_before_the_next_one_begins() -> None:
    class Failing(Backlog):
        async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
            del outputs
            self.begun += 1
            raise UnavailableError("broken in the delivery")

    failing, there, stop = Failing(2), Played(b"1"), asyncio.Event()

    def stop_after(records: Sequence[Record]) -> list[Emit[Message]]:
        if len(records) == 1:
            stop.set()
        return emit(records)

    await stage(failing, there, handler=stop_after).run(stop)
    assert (failing.begun, failing.closed) == (1, True)
    assert len(there.delivered) == 1


async def test_what_is_being_delivered_at_the_stop_is_waited_for() -> None:
    connection, stop, loop = Backlog(1), asyncio.Event(), asyncio.get_running_loop()

    def stop_after(records: Sequence[Record]) -> list[Emit[Message]]:
        # Seen by the loop when this turn is over, so there is no other to wait for the delivery.
        loop.call_soon_threadsafe(stop.set)
        return emit(records)

    running = asyncio.create_task(stage(connection, handler=stop_after).run(stop))
    async with asyncio.timeout(10):
        await connection.reached.wait()
    assert (stop.is_set(), connection.delivered) == (True, [])
    connection.gates[0].set()
    await running
    assert len(connection.delivered) == 1
