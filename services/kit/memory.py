"""A broker in memory for tests of stages: the twin of Kafka's connection, with the same promises."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from services.kit.errors import UnavailableError
from services.kit.records import Message, Output, Partition, Record

POLL_SECONDS = 0.02


class MemoryBroker:
    """Topics with partitions, each group's committed offsets, and the group's one member that may commit."""

    def __init__(self, partitions: int = 2) -> None:
        self.partitions = partitions
        self.away = False
        self._logs: defaultdict[Partition, list[Record]] = defaultdict(list)
        self._committed: defaultdict[tuple[str, Partition], int] = defaultdict(int)
        self._members: dict[str, MemoryConnection] = {}
        self._news = asyncio.Condition()

    async def send(self, message: Message, *, partition: int, timestamp: int = 0) -> None:
        """Append a message."""
        async with self._news:
            self._append(message, partition, timestamp)
            self._news.notify_all()

    def _append(self, message: Message, partition: int, timestamp: int) -> None:
        target = Partition(message.topic, partition % self.partitions)
        offset = len(self._logs[target])
        record = Record(target, offset, timestamp, message.key, message.value, message.headers)
        self._logs[target].append(record)

    async def read(self, topic: str, count: int) -> list[Record]:
        """Return a topic's records, partition by partition, when there are `count`."""
        async with self._news:
            await self._news.wait_for(lambda: len(self._all(topic)) >= count)
            return self._all(topic)

    def _all(self, topic: str) -> list[Record]:
        return [record for n in range(self.partitions) for record in self._logs[Partition(topic, n)]]

    async def committed(self, group: str, topic: str) -> int:
        """Return how many records of a topic a group has done."""
        return sum(self._committed[group, Partition(topic, n)] for n in range(self.partitions))

    def connect(self, topics: Sequence[str], *, group: str, batch_records: int = 1000) -> "MemoryConnection":
        """Return a member that takes all partitions from the member before it when it opens."""
        return MemoryConnection(self, topics, group, batch_records)

    def check(self) -> None:
        """Raise UnavailableError while the broker is set to be away."""
        if self.away:
            raise UnavailableError("the broker in memory is away")


class MemoryConnection:
    """A member of a group; see services.kit.broker.Connection for what its methods promise."""

    def __init__(self, broker: MemoryBroker, topics: Sequence[str], group: str, batch_records: int) -> None:
        self._broker = broker
        self._group = group
        self._batch_records = batch_records
        self._partitions = [Partition(topic, n) for topic in topics for n in range(broker.partitions)]
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()

    async def open(self) -> None:
        self._broker.check()
        self._broker._members[self._group] = self
        self._positions = {p: self._broker._committed[self._group, p] for p in self._partitions}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        self._broker.check()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS), self._broker._news:
                await self._broker._news.wait_for(self._next)
        batches = self._next()
        for partition, batch in batches.items():
            self._positions[partition] = batch[-1].offset + 1
        return batches

    def _next(self) -> dict[Partition, list[Record]]:
        missing = self._batch_records
        batches: dict[Partition, list[Record]] = {}
        for partition, position in self._positions.items():
            batch = self._broker._logs[partition][position : position + missing]
            if batch and partition not in self._paused:
                batches[partition] = batch
                missing -= len(batch)
        return batches

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        self._broker.check()
        if self._broker._members[self._group] is not self:
            raise UnavailableError("another member has taken the partitions")
        async with self._broker._news:
            for partition, output in outputs.items():
                for origin, message in (*output.items, *output.dead):
                    self._broker._append(message, origin.partition.number, origin.timestamp)
                self._broker._committed[self._group, partition] = output.next_offset
            self._broker._news.notify_all()

    async def rest(self) -> None:
        pass

    def rewind(self, partition: Partition, offset: int) -> None:
        self._paused.add(partition)
        self._positions[partition] = offset

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)

    async def lag(self) -> Mapping[Partition, int]:
        return {p: len(self._broker._logs[p]) - position for p, position in self._positions.items()}

    async def close(self) -> None:
        self._positions = {}
