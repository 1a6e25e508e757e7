"""A broker in memory, the twin of Kafka's: for services within one process, and for tests of stages."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.kit.errors import UnavailableError
from services.kit.memory_log import MemoryLog
from services.kit.records import Message, Output, Partition, Record


class MemoryBroker:
    """Topics with partitions, each group's committed offsets, and the group's one member that may commit.

    One that `forgets` drops what all who read a topic have done; of topics that no group reads it keeps the
    last records.
    """

    def __init__(self, partitions: int = 2, *, forgets: bool = False) -> None:
        self.partitions = partitions
        self.away = False
        self._forgets = forgets
        self._logs: defaultdict[Partition, MemoryLog] = defaultdict(MemoryLog)
        self._groups: dict[str, set[str]] = {}
        self._committed: defaultdict[tuple[str, Partition], int] = defaultdict(int)
        self._members: dict[str, object] = {}
        self._followed: list[dict[Partition, int]] = []
        self._news = asyncio.Condition()

    async def send(self, message: Message, *, partition: int, timestamp: int = 0) -> None:
        """Append a message."""
        async with self._news:
            self._append(message, partition, timestamp)
            self._news.notify_all()

    def _append(self, message: Message, partition: int, timestamp: int) -> None:
        target = Partition(message.topic, partition % self.partitions)
        log = self._logs[target]
        record = Record(target, log.end, timestamp, message.key, message.value, message.headers)
        log.append(record)
        self.forget(target)

    def forget(self, partition: Partition) -> None:
        """Drop what all who read a partition have done by now, if this broker forgets."""
        if not self._forgets:
            return
        followed = [positions[partition] for positions in self._followed if partition in positions]
        groups = [group for group, topics in self._groups.items() if partition.topic in topics]
        done = [self._committed[group, partition] for group in groups] + followed
        self._logs[partition].forget(min(done, default=None), keep_last=not groups)

    async def read(self, topic: str, count: int) -> list[Record]:
        """Return a topic's records, partition by partition, when there are `count`."""
        async with self._news:
            await self._news.wait_for(lambda: len(self._all(topic)) >= count)
            return self._all(topic)

    def _all(self, topic: str) -> list[Record]:
        return [record for number in self._numbers() for record in self._logs[Partition(topic, number)]]

    def _numbers(self) -> range:
        return range(self.partitions)

    async def committed(self, group: str, topic: str) -> int:
        """Return how many records of a topic a group has done."""
        return sum(self._committed[group, Partition(topic, n)] for n in self._numbers())

    @property
    def held(self) -> int:
        """Bytes of all records that are kept."""
        return sum(log.held for log in self._logs.values())

    async def done(self) -> None:
        """Return when every group has done all that there is for it."""
        async with self._news:
            await self._news.wait_for(lambda: not self._waits())

    def _waits(self) -> bool:
        return any(
            self._committed[group, partition] < log.end
            for partition, log in self._logs.items()
            for group, topics in self._groups.items()
            if partition.topic in topics
        )

    def join(self, group: str, topics: Sequence[str]) -> None:
        """Keep records of these topics until the group has done them."""
        self._groups[group] = set(topics)

    def enter(self, group: str, member: object) -> None:
        """Let a member have the group's partitions, which the one before it loses."""
        self.check()
        self._members[group] = member

    def demand_member(self, group: str, member: object) -> None:
        """Raise UnavailableError where another member has taken the group's partitions."""
        self.check()
        if self._members[group] is not member:
            raise UnavailableError("another member has taken the partitions")

    async def commit(self, group: str, outputs: Mapping[Partition, Output[Message]]) -> None:
        """Append messages, and commit their origins' offsets with them."""
        async with self._news:
            for partition, output in outputs.items():
                for origin, message in (*output.items, *output.dead):
                    self._append(message, origin.partition.number, origin.timestamp)
                self._committed[group, partition] = output.next_offset
                # Nobody may append here any more: while too much is held, nothing from outside is taken.
                self.forget(partition)
            self._news.notify_all()

    def position(self, group: str, partition: Partition) -> int:
        """Return the offset that a group has committed."""
        return self._committed[group, partition]

    def lag(self, positions: Mapping[Partition, int]) -> dict[Partition, int]:
        """Return how many records there are from each position on."""
        return {partition: self._logs[partition].end - position for partition, position in positions.items()}

    def follow(self, topic: str, *, from_start: bool) -> dict[Partition, int]:
        """Return positions to read on from, which the reader moves; nothing after them is forgotten."""
        places = [Partition(topic, number) for number in self._numbers()]
        logs = {place: self._logs[place] for place in places}
        positions = {place: log.first if from_start else log.end for place, log in logs.items()}
        self._followed.append(positions)
        return positions

    async def next(self, positions: Mapping[Partition, int], most: int, seconds: float) -> list[Record]:
        """Return at most so many records from these positions on, as soon as there are some."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self._from(positions, most))
        return self._from(positions, most)

    def _from(self, positions: Mapping[Partition, int], most: int) -> list[Record]:
        found: list[Record] = []
        for partition, position in positions.items():
            found += self._logs[partition].slice(position, most - len(found))
        return found

    def check(self) -> None:
        """Raise UnavailableError while the broker is set to be away."""
        if self.away:
            raise UnavailableError("the broker in memory is away")
