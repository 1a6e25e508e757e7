"""At least once: write or send, then commit; what was not committed before something broke comes again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from aiokafka import TopicPartition

from services.kit.closing import closed
from services.kit.delivery import Commit
from services.kit.fencing import sole_producer, take_over
from services.kit.kafka_settings import KafkaSettings
from services.kit.producer import stop
from services.kit.records import Message, Output, Partition
from services.kit.sending import Sender
from services.kit.stream_settings import StreamSettings

T = TypeVar("T")


class SinkDelivery(Generic[T]):
    """Into a sink that knows what it has, so that the outcome is exactly once."""

    def __init__(
        self,
        write: Callable[[Sequence[T]], Awaitable[None]],
        kafka: KafkaSettings,
        settings: StreamSettings,
    ) -> None:
        self._write = write
        self._sender = Sender(kafka, settings)

    async def own(self, partition: Partition) -> None:
        """Do nothing: the sink is idempotent, so two owners do no harm."""

    async def deliver(self, outputs: Mapping[Partition, Output[T]], commit: Commit) -> None:
        """Write all partitions' rows as one batch."""
        rows = [row for output in outputs.values() for _, row in output.items]
        if rows:
            await self._write(rows)
        await self._sender.send([letter for output in outputs.values() for letter in output.dead])
        await commit(_ends(outputs))

    async def rest(self) -> None:
        """Do nothing: between two deliveries nothing is open."""

    async def close(self) -> None:
        """Stop sending dead letters."""
        await self._sender.close()


class AtLeastOnceDelivery:
    """To topics without transactions: what was sent and not committed is sent a second time.

    An operator's choice: docs/adr/0018-at-least-once-is-a-choice.md.
    """

    def __init__(self, group: str, kafka: KafkaSettings, settings: StreamSettings) -> None:
        self._group = group
        self._kafka = kafka
        self._settings = settings
        self._sender = Sender(kafka, settings)

    async def own(self, partition: Partition) -> None:
        """End what a former owner left open, one with transactions too, so that few come twice."""
        former = sole_producer(self._group, partition, self._kafka, self._settings)
        try:
            await take_over(former, self._group, partition, self._kafka)
        finally:
            await closed(stop(former))

    async def deliver(self, outputs: Mapping[Partition, Output[Message]], commit: Commit) -> None:
        """Send all partitions' messages as one batch."""
        await self._sender.send(
            [each for output in outputs.values() for each in (*output.items, *output.dead)]
        )
        await commit(_ends(outputs))

    async def rest(self) -> None:
        """Do nothing: between two deliveries nothing is open."""

    async def close(self) -> None:
        """Stop sending."""
        await self._sender.close()


def _ends(outputs: Mapping[Partition, Output[T]]) -> dict[TopicPartition, int]:
    return {TopicPartition(*partition): output.next_offset for partition, output in outputs.items()}
