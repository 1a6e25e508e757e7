"""How far the groups have read is saved, and where they read again after a restore."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from infra.backup.errors import BackupError
from infra.backup.groups import GROUPS, LEDGER, committed, set_back
from infra.local.memory_kafka import MemoryKafka
from services.kit.consumer import consumer, leave
from services.kit.kafka_settings import KafkaSettings
from services.kit.stream_settings import StreamSettings
from tests.integration.kit.topics import make_topics
from tests.parts import NO_KAFKA, OwnKafka, new_kafka, running_part

FEATURE = "octroi-feature"
"""A group that is not set back: what it has read is decided."""


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """A broker of these tests' own: the groups' names are those of services."""
    folder = tmp_path_factory.mktemp("kafka")
    broker = new_kafka(folder)
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, folder / "kafka.log"):
        yield KafkaSettings(bootstrap_servers=broker.bootstrap())


@pytest.fixture
async def topic(kafka: KafkaSettings) -> str:
    """A topic of two partitions, with ten records in each."""
    name = f"topic-{uuid4()}"
    await make_topics(kafka.bootstrap_servers, name)
    async with AIOKafkaProducer(**kafka.client()) as producer:
        for number in range(20):
            await producer.send(name, b"%d" % (number // 2), partition=number % 2)
    return name


async def commit(kafka: KafkaSettings, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    member = AIOKafkaConsumer(**kafka.client(), group_id=group, enable_auto_commit=False)
    async with member:
        places = {TopicPartition(topic, partition): offset for partition, offset in offsets.items()}
        member.assign(list(places))
        await member.commit(places)


async def read_by(kafka: KafkaSettings, group: str, topic: str) -> dict[int, int]:
    member = AIOKafkaConsumer(**kafka.client(), group_id=group, enable_auto_commit=False)
    async with member:
        told = {number: await member.committed(TopicPartition(topic, number)) for number in (0, 1)}
    return {number: offset for number, offset in told.items() if offset is not None}


@pytest.mark.kafka
async def test_what_came_into_an_empty_partition_after_the_backup_is_read_again(
    kafka: KafkaSettings, topic: str
) -> None:
    for group in (*GROUPS, FEATURE):
        await commit(kafka, group, topic, {0: 3})
    saved = await committed(kafka)
    for group in (*GROUPS, FEATURE):
        await commit(kafka, group, topic, {0: 10, 1: 10})
    await set_back(kafka, saved)
    assert {group: await read_by(kafka, group, topic) for group in (*GROUPS, FEATURE)} == {
        **{group: {0: 3, 1: 0} for group in GROUPS},
        FEATURE: {0: 10, 1: 10},
    }


@pytest.mark.kafka
async def test_on_another_cluster_all_is_read_that_kafka_still_has(kafka: KafkaSettings, topic: str) -> None:
    await commit(kafka, LEDGER, topic, {0: 10, 1: 10})
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 1): RecordsToDelete(before_offset=4)})
    finally:
        await admin.close()
    await set_back(kafka, {})
    ledger = consumer(LEDGER, "one", kafka, StreamSettings())
    try:
        await ledger.start()
        ledger.assign([TopicPartition(topic, number) for number in (0, 1)])
        async with asyncio.timeout(60):
            records = [await ledger.getone() for _ in range(16)]
    finally:
        await leave(ledger)
    assert [record.offset for record in records if record.partition == 0] == list(range(10))
    assert [record.offset for record in records if record.partition == 1] == list(range(4, 10))


@pytest.mark.kafka
async def test_a_cluster_in_which_nobody_has_read_anything_tells_so(own_kafka: OwnKafka) -> None:
    kafka = KafkaSettings(bootstrap_servers=own_kafka.bootstrap)
    assert await committed(kafka) == {group: [] for group in GROUPS}
    await set_back(kafka, {})


def test_the_stand_in_cannot_be_backed_up(tmp_path: Path) -> None:
    broker = MemoryKafka(tmp_path)
    with running_part(broker, tmp_path / "kafka.log"):
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap())
        with pytest.raises(BackupError, match=r"does not tell .* a backup takes Apache Kafka$"):
            asyncio.run(committed(kafka))
