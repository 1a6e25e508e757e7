"""Records sent in a transaction, as stages do, and what Kafka writes after them."""

from collections.abc import Sequence
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Message
from tests.integration.kit.waiting import until


async def transaction(
    kafka: KafkaSettings, partition: int, messages: Sequence[Message], *, aborted: bool = False
) -> int:
    """Send messages to a partition; return the offset of the mark that ends it, once it is there."""
    target, last = TopicPartition(messages[0].topic, partition), -1
    async with AIOKafkaProducer(**kafka.client(), transactional_id=f"tests-{uuid4()}") as producer:
        await producer.begin_transaction()
        for topic, key, value, headers in messages:
            last = (await producer.send_and_wait(topic, value, key, partition, headers=list(headers))).offset
        await (producer.abort_transaction() if aborted else producer.commit_transaction())
    async with AIOKafkaConsumer(**kafka.client(), isolation_level="read_committed") as consumer:

        async def ended() -> bool:
            return bool((await consumer.end_offsets([target]))[target] > last + 1)

        await until(ended)
    return last + 1
