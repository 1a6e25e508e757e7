"""What a member of a group reads: the records of a turn, and how many wait behind them."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import time

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError

from services.kit.consumer import as_records, demand_fetching, forget_question, put_behind, waiting_here
from services.kit.errors import UnavailableError
from services.kit.fetched import one_turn
from services.kit.gathering import Gathering
from services.kit.records import Partition, Record
from services.kit.stream_settings import StreamSettings

AFTER_CLIENT = 0.1
"""Seconds that the client has to end a wait by itself."""


class Reading:
    """Takes records from the client, a turn at a time."""

    def __init__(self, client: AIOKafkaConsumer, settings: StreamSettings) -> None:
        self._client = client
        self._settings = settings
        self._gathering = Gathering(settings)

    async def gathered(self) -> dict[Partition, list[Record]]:
        """Return the next batch; under load none before records had their time to gather.

        While records wait in the client it asks for no more, and what comes after them gathers in Kafka.
        """
        limit, wait = self._settings.batch_records, self._settings.poll_wait.total_seconds()
        if (early := self._gathering.early()) > 0:
            await asyncio.sleep(min(early, wait))
            if early > wait:
                return {}
        behind = self._gathering.rest_within if waiting_here(self._client) else 0.0
        with one_turn() as room:
            batches = await self._fetch(wait, limit)
            if behind and room.left > 0 and (missing := limit - _size(batches)):
                for partition, more in (await self._fetch(behind, missing)).items():
                    batches.setdefault(partition, []).extend(more)
        if room.left <= 0:
            put_behind(self._client, (TopicPartition(*partition) for partition in batches))
        self._gathering.took(_size(batches), waiting=self._waiting_behind(batches))
        return batches

    def _waiting_behind(self, batches: Mapping[Partition, Sequence[Record]]) -> int:
        """Return how many records there were behind these when Kafka was asked last."""
        client, waiting = self._client, 0
        assigned = client.assignment()
        for partition, batch in batches.items():
            target = TopicPartition(*partition)
            end = client.last_stable_offset(target) if target in assigned else None
            waiting += max(0, (end or 0) - batch[-1].offset - 1)
        return waiting

    async def _fetch(self, seconds: float, limit: int) -> dict[Partition, list[Record]]:
        # While partitions move, the client would wait for that without limit, and that for this turn. Cut off
        # any sooner it would not forget what it waited with.
        demand_fetching(self._client)
        try:
            async with asyncio.timeout(seconds + AFTER_CLIENT):
                fetched = await self._client.getmany(timeout_ms=int(seconds * 1000), max_records=limit)
        except TimeoutError:
            forget_question(self._client)
            return {}
        return {Partition(*tp): as_records(Partition(*tp), raws) for tp, raws in fetched.items()}

    async def lag(self, assigned_at: float) -> Mapping[Partition, int]:
        """Subtract positions from the ends that fetches told: to ask would wait behind a fetch that waits.

        `assigned_at`, in milliseconds, counts for partitions that were not fetched yet.
        Raises UnavailableError when a partition that is read has not been fetched for a while.
        """
        client = self._client
        assigned = client.assignment()
        # While records of a partition wait here for their turn, no more are asked for.
        asked_for = assigned - client.paused() - waiting_here(client)
        fetched = [client.last_poll_timestamp(target) for target in asked_for]
        silent = time() - min((told or assigned_at for told in fetched), default=time() * 1000) / 1000
        if silent > self._settings.stuck_after.total_seconds():
            raise UnavailableError(f"Kafka has not answered a fetch for {silent:.0f} s")
        ends = {target: client.last_stable_offset(target) for target in assigned}
        with suppress(IllegalStateError):
            return {
                Partition(*target): end - await client.position(target)
                for target, end in ends.items()
                if end is not None
            }
        return {}


def _size(batches: Mapping[Partition, Sequence[Record]]) -> int:
    return sum(map(len, batches.values()))
