"""What the broker in memory promises beside the stage's own promises: it forgets, and it refuses in time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.kit.errors import UnavailableError
from services.kit.memory import MemoryBroker
from services.kit.memory_connection import MemoryConnection
from services.kit.memory_log import LAST
from services.kit.memory_transport import MemoryTransport
from services.kit.records import Message, Output, Partition, Record
from services.kit.stream_settings import StreamSettings

HALF = 500
STREAM = StreamSettings(poll_wait=timedelta(milliseconds=10))


@pytest.fixture
def transport() -> MemoryTransport:
    return MemoryTransport(MemoryBroker(1, forgets=True), STREAM, 2 * HALF)


def numbered(number: int, topic: str = "source") -> Message:
    return Message(topic, str(number).encode(), b"")


async def take_all(connection: MemoryConnection) -> list[Record]:
    """Take what there is, and have it done."""
    [(partition, records)] = (await connection.poll()).items()
    await connection.deliver({partition: Output((), (), len(records), records[-1].offset + 1)})
    return list(records)


async def kept(broker: MemoryBroker, topic: str) -> list[bytes | None]:
    return [record.key for record in await broker.read(topic, 0)]


async def test_what_all_groups_have_done_is_forgotten(transport: MemoryTransport) -> None:
    broker = transport.broker
    first, second = [
        MemoryConnection(broker, ["source"], group=group, poll_seconds=0.01) for group in ("first", "second")
    ]
    for connection in (first, second):
        await connection.open()
    for number in range(3):
        await transport.publish(numbered(number))
    await take_all(first)
    await transport.publish(numbered(3))
    assert await kept(broker, "source") == [b"0", b"1", b"2", b"3"]
    assert [record.offset for record in await take_all(second)] == [0, 1, 2, 3]
    await transport.publish(numbered(4))
    assert await kept(broker, "source") == [b"3", b"4"]
    # Offsets go on, whatever was forgotten.
    assert [record.offset for record in await take_all(first)] == [3, 4]


async def test_a_group_that_has_not_begun_misses_nothing(transport: MemoryTransport) -> None:
    connect = transport.stage(["source"], group="late", instance="1", write=None)
    for number in range(LAST * 2):
        await transport.publish(numbered(number))
    connection = connect()
    await connection.open()
    assert len(next(iter((await connection.poll()).values()))) == LAST * 2


async def test_of_a_topic_that_no_group_reads_the_last_records_stay(transport: MemoryTransport) -> None:
    taken: list[bytes | None] = []
    reading = asyncio.Event()
    follower = transport.follow(
        "alerts", lambda record: taken.append(record.key), start="latest", reading=reading
    )
    assert reading.is_set()
    for number in range(LAST + 5):
        await transport.publish(numbered(number, "alerts"))
    stop = asyncio.Event()
    following = asyncio.create_task(follower.run(stop))
    async with asyncio.timeout(10):
        while len(taken) < LAST + 5:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)
    stop.set()
    await following
    # The follower missed nothing, and what it has read is forgotten but for the last.
    assert taken == [str(number).encode() for number in range(LAST + 5)]
    await transport.publish(numbered(LAST + 5, "alerts"))
    assert len(await kept(transport.broker, "alerts")) == LAST


async def filled(transport: MemoryTransport) -> MemoryConnection:
    """Return the member of a group for which too much waits."""
    connection = MemoryConnection(transport.broker, ["source"], group="slow", poll_seconds=0.01)
    await connection.open()
    for _ in range(3):
        await transport.publish(Message("source", None, b"x" * HALF))
    with pytest.raises(UnavailableError, match="more than 1000 bytes wait"):
        await transport.publish(numbered(1))
    return connection


async def test_while_too_much_waits_only_what_services_themselves_must_say_is_taken(
    transport: MemoryTransport,
) -> None:
    connection = await filled(transport)
    await transport.publish_for_sure(numbered(2), asyncio.Event())
    assert [record.key for record in await take_all(connection)] == [None, None, None, b"2"]


async def test_once_all_is_done_it_is_taken_again(transport: MemoryTransport) -> None:
    await take_all(await filled(transport))
    assert transport.broker.held == 0
    await transport.publish(numbered(1))


async def test_all_is_done_once_every_group_has_done_it(transport: MemoryTransport) -> None:
    connection = MemoryConnection(transport.broker, ["source"], group="one", poll_seconds=0.01)
    await connection.open()
    await transport.publish(numbered(1))
    done = asyncio.create_task(transport.broker.done())
    await asyncio.sleep(0)
    assert not done.done()
    await take_all(connection)
    async with asyncio.timeout(10):
        await done


async def test_rows_go_to_the_sink_and_letters_to_their_topic(transport: MemoryTransport) -> None:
    rows: list[object] = []

    async def write(batch: Sequence[object]) -> None:
        rows.extend(batch)

    connection = transport.stage(["source"], group="sink", instance="1", write=write)()
    await connection.open()
    await transport.publish(numbered(1))
    [(partition, records)] = (await connection.poll()).items()
    letter = numbered(1, "dead")
    await connection.deliver({partition: Output(((records[0], "row"),), ((records[0], letter),), 1, 1)})
    assert rows == ["row"]
    assert await kept(transport.broker, "dead") == [b"1"]
    assert await connection.lag() == {Partition("source", 0): 0}
    assert await transport.known("dead", [b"1", b"2"]) == {b"1"}
