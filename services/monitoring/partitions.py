"""The partitions of a topic, for a consumer that chooses by itself what it reads."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> Sequence[TopicPartition]:
    """Return all partitions; `consumer` is started."""
    numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - no other way without a subscription
    return [TopicPartition(topic, number) for number in sorted(numbers)]
