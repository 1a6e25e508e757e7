"""A consumer for one reading: of no group, it commits nothing, and is left whatever comes of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.kit.closing import closed
from services.kit.consumer import demand_fetching, leave
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect

POLL_MS: Final = 200
"""How long one question waits for records; how soon it is seen that the client has stopped fetching."""
Offsets = Mapping[TopicPartition, int]


@asynccontextmanager
async def reading(
    kafka: KafkaSettings,
    *topics: str,
    isolation: Literal["read_committed", "read_uncommitted"],
    within: float | None,
) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a started consumer of these topics; without any it assigns itself what it reads.

    Raises UnavailableError, also where all that is done in the context takes more than `within` seconds, if
    that is given, and FatalError where Kafka forbids it or does not let us in. What goes wrong while it is
    left is nobody's concern any more.
    """
    consumer = AIOKafkaConsumer(
        *topics, **kafka.client(), group_id=None, enable_auto_commit=False, isolation_level=isolation
    )
    with kafka_errors():
        try:
            async with asyncio.timeout(within):
                await connect(consumer, kafka)
                yield consumer
        finally:
            await closed(leave(consumer))


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> Sequence[TopicPartition]:
    """Return all partitions of a topic, for a consumer that assigns itself what it reads."""
    numbers = await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - no other way without a subscription
    return [TopicPartition(topic, number) for number in sorted(numbers)]


async def stand(consumer: AIOKafkaConsumer, places: Offsets) -> None:
    """Go on from these offsets."""
    for place, offset in places.items():
        # The client sets a first position by itself, which must not come after ours.
        await consumer.position(place)
        consumer.seek(place, offset)


async def records_until(
    consumer: AIOKafkaConsumer, ends: Offsets, *, most: int | None = None
) -> AsyncIterator[Any]:
    """Yield the client's records up to before these offsets and some behind them; `most` at a time.

    Raises UnavailableError where the client has stopped fetching.
    """
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        demand_fetching(consumer)
        for batch in (await consumer.getmany(timeout_ms=POLL_MS, max_records=most)).values():
            for record in batch:
                yield record
