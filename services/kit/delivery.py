"""How a batch is delivered together with its offsets: what all ways have in common, and exactly once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Protocol, TypeVar

from aiokafka import AIOKafkaProducer, TopicPartition

from services.kit.fencing import sole_producer, take_over
from services.kit.kafka_settings import KafkaSettings
from services.kit.producer import stop
from services.kit.records import Message, Output, Partition
from services.kit.sending import send
from services.kit.side_by_side import side_by_side
from services.kit.stream_settings import StreamSettings
from services.kit.transactions import announce_partitions, require_begun

T_contra = TypeVar("T_contra", contravariant=True)
Commit = Callable[[Mapping[TopicPartition, int]], Awaitable[None]]


class Delivery(Protocol[T_contra]):
    """How a connection delivers. It may raise Kafka's errors and UnavailableError."""

    async def own(self, partition: Partition) -> None:
        """Become the partition's only owner: whoever owned it before can deliver nothing more."""

    async def deliver(self, outputs: Mapping[Partition, Output[T_contra]], commit: Commit) -> None:
        """Deliver every output with its offset."""

    async def rest(self) -> None:
        """Let go of what would not outlast a pause; nothing is being delivered."""

    async def close(self) -> None:
        """Own nothing any more."""


class TransactionalDelivery:
    """Exactly once: messages and offset of a partition's batch in one Kafka transaction.

    One transactional producer per input partition, its id made of group and partition: Kafka fences the
    former owner of the partition when the next one starts, wherever it runs.

    The next transaction is begun as soon as one has ended, with the same partitions to write to: announcing
    these takes as long as writing, and now nobody waits for it. An open transaction that has written nothing
    keeps no reader waiting.
    """

    def __init__(self, group: str, kafka: KafkaSettings, settings: StreamSettings) -> None:
        self._group = group
        self._kafka = kafka
        self._settings = settings
        self._producers: dict[Partition, AIOKafkaProducer] = {}
        self._begun: dict[Partition, float] = {}
        """When the next transaction of a partition was begun."""

    async def own(self, partition: Partition) -> None:
        """Start the partition's producer, which ends what a former owner left open."""
        self._producers[partition] = owner = sole_producer(
            self._group, partition, self._kafka, self._settings
        )
        await take_over(owner, self._group, partition, self._kafka)

    async def deliver(self, outputs: Mapping[Partition, Output[Message]], commit: Commit) -> None:
        """Run the partitions' transactions side by side; `commit` is not needed, they carry the offsets."""
        del commit
        await side_by_side(*(self._transaction(*each) for each in outputs.items()))
        # A partition may be quiet while others are not.
        await self.rest()

    async def _transaction(self, partition: Partition, output: Output[Message]) -> None:
        # What fails is not aborted here, where a broker that is away would be waited for: the session ends,
        # and the producer that the next one starts aborts it, under a new epoch that fences late arrivals.
        owner = self._producers[partition]
        if self._begun.pop(partition, None) is None:
            await owner.begin_transaction()
        else:
            await require_begun(owner)
        offsets = {TopicPartition(*partition): output.next_offset}
        # Side by side: one round trip less, and the commit waits for both.
        written, _ = await side_by_side(
            send(owner, [*output.items, *output.dead]),
            owner.send_offsets_to_transaction(offsets, self._group),
        )
        await owner.commit_transaction()
        await owner.begin_transaction()
        self._begun[partition] = monotonic()
        announce_partitions(owner, written)

    async def rest(self) -> None:
        """End transactions that were begun a while ago, before Kafka does, and their producers with them."""
        limit = monotonic() - self._settings.transaction_timeout.total_seconds() / 2
        for partition in [each for each, begun in self._begun.items() if begun < limit]:
            del self._begun[partition]
            await require_begun(self._producers[partition])
            await self._producers[partition].commit_transaction()

    async def close(self) -> None:
        """Stop all producers."""
        self._begun.clear()
        owned, self._producers = list(self._producers.values()), {}
        await asyncio.gather(*map(stop, owned), return_exceptions=True)
