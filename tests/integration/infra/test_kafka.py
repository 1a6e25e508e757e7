from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from infra.local.memory_kafka import MemoryKafka
from tests.parts import OwnKafka, running_part

TOPIC = "parts"
LARGE = b"x" * 5 * 1024 * 1024


async def produce(bootstrap: str, value: bytes) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=len(LARGE) + 1024
    ) as producer:
        await producer.send_and_wait(TOPIC, value)


async def first_record(bootstrap: str) -> bytes | None:
    async with AIOKafkaConsumer(
        TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level="read_committed"
    ) as consumer:
        value: bytes | None = (await consumer.getone()).value
        return value


@pytest.mark.kafka
async def test_a_large_record_is_there_after_a_crash(own_kafka: OwnKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()
    await produce(own_kafka.bootstrap, LARGE)
    own_kafka.kill()
    own_kafka.start()
    assert await first_record(own_kafka.bootstrap) == LARGE


@pytest.mark.kafka
async def test_a_misspelt_topic_is_not_made(kafka_bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    (described,) = await admin.describe_topics(["never-made"])
    await admin.close()
    assert described["error_code"] == UnknownTopicOrPartitionError.errno


async def test_the_broker_in_memory_takes_and_gives(tmp_path: Path) -> None:
    broker = MemoryKafka(tmp_path)
    with running_part(broker, tmp_path / "kafka.log"):
        await produce(broker.bootstrap(), b"small")
        assert await first_record(broker.bootstrap()) == b"small"
    assert not broker.is_ready()
