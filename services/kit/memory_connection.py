"""A group's one member at the broker in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from services.kit.memory import MemoryBroker
from services.kit.records import Output, Partition, Record

POLL_SECONDS: Final = 0.02


class MemoryConnection:
    """Takes all partitions from the member before it when it opens.

    See services.kit.broker.Connection for what its methods promise.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        topics: Sequence[str],
        *,
        group: str,
        batch_records: int = 1000,
        write: Callable[[Sequence[Any]], Awaitable[None]] | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Make a member that is not open; records of the topics are kept for its group from now on."""
        broker.join(group, topics)
        self._broker = broker
        self._group = group
        self._batch_records = batch_records
        self._write = write
        self._poll_seconds = poll_seconds
        self._partitions = [Partition(topic, n) for topic in topics for n in range(broker.partitions)]
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()

    async def open(self) -> None:
        self._broker.enter(self._group, self)
        self._positions = {p: self._broker.position(self._group, p) for p in self._partitions}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        self._broker.check()
        read = {p: position for p, position in self._positions.items() if p not in self._paused}
        batches: dict[Partition, list[Record]] = {}
        for record in await self._broker.next(read, self._batch_records, self._poll_seconds):
            batches.setdefault(record.partition, []).append(record)
        for partition, batch in batches.items():
            self._positions[partition] = batch[-1].offset + 1
        return batches

    async def deliver(self, outputs: Mapping[Partition, Output[Any]]) -> None:
        self._broker.demand_member(self._group, self)
        if self._write:
            rows = [row for output in outputs.values() for _, row in output.items]
            if rows:
                await self._write(rows)
            outputs = {partition: replace(output, items=()) for partition, output in outputs.items()}
        await self._broker.commit(self._group, outputs)

    async def rest(self) -> None:
        pass

    def rewind(self, partition: Partition, offset: int) -> None:
        self._paused.add(partition)
        self._positions[partition] = offset

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)

    async def lag(self) -> Mapping[Partition, int]:
        return self._broker.lag(self._positions)

    async def close(self) -> None:
        self._positions = {}
