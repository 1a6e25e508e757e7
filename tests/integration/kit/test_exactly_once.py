"""Nothing is lost and nothing is doubled, whatever is killed: proved by offsets and counts on Kafka."""

import asyncio
import json
import random
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from services.kit.delivery import TransactionalDelivery
from services.kit.errors import UnavailableError
from services.kit.fencing import sole_producer, take_over
from services.kit.kafka_errors import kafka_errors
from services.kit.producer import stop
from services.kit.records import Emit, Handler, Message, Output, Partition, Record, Reject
from services.kit.settings import milliseconds
from tests.integration.kit.copying import Copying
from tests.integration.kit.load import assert_copied_once_and_in_order, load
from tests.integration.kit.process import service
from tests.integration.kit.scene import FAST, KafkaScene, handled, keys, running
from tests.integration.kit.waiting import DEADLINE_SECONDS, until

pytestmark = pytest.mark.kafka
SMALL = FAST.model_copy(update={"batch_records": 20})


async def test_a_service_that_is_killed_again_and_again(kafka: KafkaScene, tmp_path: Path) -> None:
    chance = random.Random(20_261_124)
    with service(kafka, tmp_path) as copying:
        async with load(kafka) as written:
            for _ in range(4):
                await handled(kafka, await kafka.committed() + chance.randint(1, 400))
                copying.restart()
            await handled(kafka, await kafka.committed() + 1)
        await handled(kafka, written.each * kafka.partitions)
    await assert_copied_once_and_in_order(kafka, written)


async def test_sigterm_ends_a_service_with_everything_in_flight_committed(
    kafka: KafkaScene, tmp_path: Path
) -> None:
    with service(kafka, tmp_path) as copying:
        async with load(kafka) as written:
            await handled(kafka, 300)
            assert await copying.terminate() == 0
            delivered = [*await kafka.read(kafka.names.target), *await kafka.read(kafka.names.dead)]
            assert 300 <= await kafka.committed() == len(delivered)
            copying.start()
            await handled(kafka, len(delivered) + 1)
        await handled(kafka, written.each * kafka.partitions)
        assert await copying.terminate() == 0
    await assert_copied_once_and_in_order(kafka, written)
    events = [json.loads(line)["event"] for line in copying.log.read_text().splitlines()]
    assert events.count("stopped") == 2


async def test_an_instance_joins_and_leaves_under_load(kafka: KafkaScene) -> None:
    names = kafka.names
    copying = Copying(name="", source=names.source, target=names.target, dead=names.dead)
    seen: list[tuple[str, int]] = []

    def watched(instance: str) -> Handler[Message]:
        def handle(records: Sequence[Record]) -> Sequence[Emit[Message] | Reject]:
            seen.extend((instance, record.partition.number) for record in records)
            return copying.messages(records)

        return handle

    async with running(kafka, watched("one"), SMALL, instance="one"):
        async with load(kafka) as written:
            await handled(kafka, 100)
            async with running(kafka, watched("two"), SMALL, instance="two"):
                await until(lambda: any(instance == "two" for instance, _ in seen))
                joined = len(seen)
                await until(lambda: len({instance for instance, _ in seen[joined:]}) == 2)
                together = set(seen[joined:])
            left = len(seen)
            await until(lambda: len({number for _, number in seen[left:]}) == kafka.partitions)
        await handled(kafka, written.each * kafka.partitions)
    assert sorted(number for _, number in together) == list(range(kafka.partitions))
    await assert_copied_once_and_in_order(kafka, written)


async def test_a_new_owner_fences_the_one_before(kafka: KafkaScene) -> None:
    before, after = kafka.delivery(FAST), kafka.delivery(FAST)
    lane = Partition(kafka.names.source, 0)

    async def deliver(delivery: TransactionalDelivery, offset: int, value: bytes) -> None:
        origin = Record(lane, offset, 0, b"key", value)
        output = Output(((origin, kafka.names.message(origin)),), (), 1, offset + 1)
        with kafka_errors():
            await delivery.deliver({lane: output}, commit=_never)

    await before.own(lane)
    await deliver(before, 0, b"before")
    await after.own(lane)
    # What is written to make the coordinator look at its log is taken back.
    assert await kafka.committed() == 1
    with pytest.raises(UnavailableError, match="ProducerFenced"):
        await deliver(before, 1, b"late")
    await deliver(after, 1, b"after")
    await before.close()
    await after.close()
    assert [copy.value for copy in await kafka.read(kafka.names.target)] == [b"before", b"after"]
    assert await kafka.committed() == 2


async def test_who_is_fenced_while_it_asks_leaves_nothing_behind(kafka: KafkaScene) -> None:
    ended: list[BaseException | None] = []
    async with asyncio.timeout(DEADLINE_SECONDS):
        # Kafka may answer before the producer is told to stop; then there was nothing to see.
        while not any(isinstance(each, ProducerFenced) for each in ended):
            ended.append(await _stop_while_asking(kafka))


async def _stop_while_asking(kafka: KafkaScene) -> BaseException | None:
    """Return what a fenced producer's stop raises."""
    lane, group = Partition(kafka.names.source, 0), kafka.names.group
    before, after = (sole_producer(group, lane, kafka.kafka, FAST) for _ in range(2))
    for owner in (before, after):
        await take_over(owner, group, lane, kafka.kafka)
    await before.begin_transaction()
    asking = asyncio.create_task(before.send_offsets_to_transaction({TopicPartition(*lane): 1}, group))
    while not any("add_offsets" in str(task.get_coro()) for task in asyncio.all_tasks()):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    # So a delivery gives up when another partition's has failed.
    asking.cancel()
    (ended,) = await asyncio.gather(stop(before), return_exceptions=True)
    await stop(after)
    return ended


async def _never(_: object) -> None:
    raise AssertionError("a transaction carries its offsets itself")


async def left_open(
    kafka: KafkaScene, topic: str, transactional_id: str, within: timedelta = timedelta(minutes=1)
) -> AIOKafkaProducer:
    """Write to a topic in a transaction that stays open, and return who has it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.kafka.bootstrap_servers,
        transactional_id=transactional_id,
        transaction_timeout_ms=milliseconds(within),
    )
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"left open", partition=0)
    return producer


async def test_a_new_owner_ends_what_the_one_before_left_open(kafka: KafkaScene) -> None:
    lane = Partition(kafka.names.source, 0)
    died = await left_open(kafka, kafka.names.target, f"{kafka.names.group}.{lane.topic}.{lane.number}")
    after = kafka.delivery(FAST)
    await after.own(lane)
    assert await kafka.read(kafka.names.target) == []
    await after.close()
    await died.stop()


async def test_a_transaction_that_was_begun_ahead_outlasts_a_pause_and_keeps_no_reader_waiting(
    kafka: KafkaScene,
) -> None:
    settings = FAST.model_copy(update={"transaction_timeout": timedelta(seconds=2)})
    quiet, busy = (Partition(kafka.names.source, number) for number in range(2))
    delivery = kafka.delivery(settings)
    await delivery.own(quiet)
    await delivery.own(busy)

    async def deliver(lane: Partition, offset: int) -> None:
        origin = Record(lane, offset, 0, b"key", b"%d" % offset)
        output = Output(((origin, kafka.names.message(origin)),), (), 1, offset + 1)
        await delivery.deliver({lane: output}, commit=_never)

    await deliver(quiet, 0)
    await kafka.send(kafka.names.target, quiet.number, [Message("", b"other", b"other")])
    assert keys(await kafka.read(kafka.names.target), quiet.number) == [b"key", b"other"]
    # Begun later and left open: when it is taken back, Kafka has ended whatever was open for too long.
    left = await left_open(kafka, kafka.names.dead, f"left-{uuid4()}", settings.transaction_timeout)
    taken_back, turns = asyncio.create_task(kafka.read(kafka.names.dead)), count()

    async def a_while_is_over() -> bool:
        await deliver(busy, next(turns))
        return taken_back.done()

    await until(a_while_is_over)
    assert await taken_back == []
    await deliver(quiet, 1)
    await delivery.close()
    await left.stop()
    assert await kafka.committed() == 2 + next(turns)


async def test_a_sink_that_knows_its_keys_has_each_row_once(kafka: KafkaScene, tmp_path: Path) -> None:
    chance = random.Random(7)
    file = tmp_path / "copies.sqlite"
    with service(kafka, tmp_path, FILE=str(file)) as copying:
        async with load(kafka) as written:
            for _ in range(3):
                await handled(kafka, await kafka.committed() + chance.randint(1, 400))
                copying.restart()
            await handled(kafka, await kafka.committed() + 1)
        await handled(kafka, written.each * kafka.partitions)
        assert await copying.terminate() == 0
    with sqlite3.connect(file) as database:
        kept = database.execute("SELECT partition, key FROM copies").fetchall()
    letters = await kafka.read(kafka.names.dead)
    for partition in range(kafka.partitions):
        rows = [key for number, key in kept if number == partition]
        assert sorted(rows, key=int) == written.keys(refused=False)
        assert sorted(set(keys(letters, partition)), key=lambda key: int(key or 0)) == written.keys(
            refused=True
        )
