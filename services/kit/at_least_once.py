"""At least once: write or send, then commit; what is not committed when a process dies comes again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar, cast

from aiokafka import AIOKafkaProducer, TopicPartition

from services.kit.delivery import Commit
from services.kit.login import connect
from services.kit.producer import producer
from services.kit.records import Message, Output, Partition, Record
from services.kit.sending import send
from services.kit.settings import KafkaSettings, StreamSettings

T = TypeVar("T")
Items = Sequence[tuple[Record, T]]


class AtLeastOnceDelivery(Generic[T]):
    """Hands rows to a sink that knows what it has, or, without one, sends messages; then commits.

    Into such a sink the outcome is exactly once. To topics, what a process had sent and not committed when it
    was killed is sent a second time: an operator's choice, see docs/adr/0018-at-least-once-is-a-choice.md.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Awaitable[None]] | None,
        kafka: KafkaSettings,
        settings: StreamSettings,
    ) -> None:
        self._write = write
        self._kafka = kafka
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def own(self, partition: Partition) -> None:
        """Do nothing: two owners do no harm."""

    async def deliver(self, outputs: Mapping[Partition, Output[T]], commit: Commit) -> None:
        """Deliver all partitions' items as one batch, dead letters too, and then commit."""
        items = [item for output in outputs.values() for item in output.items]
        messages = [letter for output in outputs.values() for letter in output.dead]
        if self._write is None:
            messages += cast("Items[Message]", items)
        elif items:
            await self._write([row for _, row in items])
        if messages:
            await send(await self._started(), messages)
        await commit({TopicPartition(*p): output.next_offset for p, output in outputs.items()})

    async def rest(self) -> None:
        """Do nothing: between two deliveries nothing is open."""

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = producer(self._kafka, self._settings)
            await connect(self._producer, self._kafka)
        return self._producer

    async def close(self) -> None:
        """Stop the producer, if there was need of one."""
        if self._producer is not None:
            await asyncio.gather(self._producer.stop(), return_exceptions=True)
            self._producer = None
