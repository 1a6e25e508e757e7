"""Kafka goes away and comes back: its process is killed and started again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.kit.errors import UnavailableError
from services.kit.publisher import Publisher
from services.kit.records import Message
from services.kit.stream_settings import StreamSettings
from tests.integration.kit.process import service
from tests.integration.kit.scene import FAST, PARTITIONS, KafkaScene, handled, keys, numbered, running
from tests.integration.kit.waiting import alone, until
from tests.parts import NO_KAFKA, OwnKafka, new_kafka, running_part

pytestmark = pytest.mark.kafka
RECORDS = 1500


@pytest.fixture(scope="module")
def mortal_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    """A broker of this module's own: each test has its own topics on it."""
    folder = tmp_path_factory.mktemp("kafka")
    broker = new_kafka(folder / "kafka")
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, folder / "kafka.log") as running:
        yield OwnKafka(broker.bootstrap(), running)


@pytest.fixture
def own_kafka(mortal_kafka: OwnKafka) -> OwnKafka:
    """That broker, which the test before may have left dead."""
    if mortal_kafka.running.process is None:
        mortal_kafka.start()
    return mortal_kafka


@pytest.fixture
async def kafka(own_kafka: OwnKafka) -> AsyncIterator[KafkaScene]:
    scene = KafkaScene(own_kafka.bootstrap)
    await scene.make_topics()
    yield scene
    await alone()


async def test_a_stage_outlives_the_broker(kafka: KafkaScene, own_kafka: OwnKafka) -> None:
    await _copied_while_the_broker_dies(kafka, own_kafka, FAST)
    copies = await kafka.read(kafka.names.target)
    for partition in range(PARTITIONS):
        assert keys(copies, partition) == [message.key for message in numbered(RECORDS)]


async def test_at_least_once_little_comes_twice_when_the_broker_dies(
    kafka: KafkaScene, own_kafka: OwnKafka
) -> None:
    await _copied_while_the_broker_dies(
        kafka, own_kafka, FAST.model_copy(update={"delivery": "at-least-once"})
    )
    copies = await kafka.read(kafka.names.target)
    for partition in range(PARTITIONS):
        assert set(keys(copies, partition)) == {message.key for message in numbered(RECORDS)}
    # Each time a session breaks, what it had sent last; from the start it would be a thousand.
    assert len(copies) - RECORDS * PARTITIONS < RECORDS / 2


async def _copied_while_the_broker_dies(
    kafka: KafkaScene, own_kafka: OwnKafka, settings: StreamSettings
) -> None:
    for partition in range(PARTITIONS):
        await kafka.send(kafka.names.source, partition, numbered(RECORDS))
    small = settings.model_copy(update={"batch_records": 20})
    async with running(kafka, kafka.names.copy, small) as stage:
        for moment in (200, 1000, 2000):
            await handled(kafka, moment)
            own_kafka.kill()
            await asyncio.to_thread(own_kafka.start)
        await handled(kafka, RECORDS * PARTITIONS)
        await until(lambda: stage.progress.not_ready() == [])


async def test_a_service_stops_while_the_broker_is_away(
    kafka: KafkaScene, own_kafka: OwnKafka, tmp_path: Path
) -> None:
    await kafka.send(kafka.names.source, 0, numbered(RECORDS))
    with service(kafka, tmp_path, OCTROI_GRACE="2") as copying:
        await handled(kafka, 100)
        own_kafka.kill()
        assert await copying.terminate() in {0, 1}


async def test_a_publisher_says_in_time_that_the_broker_is_away(
    kafka: KafkaScene, own_kafka: OwnKafka
) -> None:
    async with Publisher(kafka.kafka, FAST, within=timedelta(seconds=1)) as publisher:
        await publisher.publish(Message(kafka.names.target, b"1", b"before"))
        own_kafka.kill()
        async with asyncio.timeout(20):
            with pytest.raises(UnavailableError, match="has not taken the message"):
                await publisher.publish(Message(kafka.names.target, b"2", b"meanwhile"))
        await asyncio.to_thread(own_kafka.start)

        async def published() -> bool:
            try:
                await publisher.publish(Message(kafka.names.target, b"3", b"after"))
            except UnavailableError:
                return False
            return True

        await until(published)
    values = {record.value for record in await kafka.read(kafka.names.target)}
    assert {b"before", b"after"} <= values


async def test_a_publisher_is_not_opened_without_a_broker(kafka: KafkaScene, own_kafka: OwnKafka) -> None:
    own_kafka.kill()
    with pytest.raises(UnavailableError, match="Kafka is away"):
        async with Publisher(kafka.kafka, FAST, within=timedelta(seconds=1)):
            pass
