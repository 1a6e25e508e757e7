"""A stage may let records gather: what comes meanwhile is one turn, and a backlog waits for nothing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from services.kit.records import Emit, Hold, Message, Record, Reject
from services.kit.stream_settings import StreamSettings
from tests.integration.kit.scene import FAST, KafkaScene, handled, numbered, running


def gathering(**changes: object) -> StreamSettings:
    return FAST.model_copy(update={"gather_from": 1, **changes})


class Turns:
    """A handler that copies, and remembers how many records each turn had."""

    def __init__(self, kafka: KafkaScene) -> None:
        self.sizes: list[int] = []
        self._copy = kafka.names.copy

    def __call__(self, records: Sequence[Record]) -> list[Emit[Message] | Reject | Hold]:
        self.sizes.append(len(records))
        return self._copy(records)


async def test_what_comes_after_a_turn_gathers_for_the_next(kafka: KafkaScene) -> None:
    turns, settings = Turns(kafka), gathering(gather=timedelta(seconds=3))
    async with running(kafka, turns, settings):
        await kafka.send(kafka.names.source, 0, numbered(1))
        await handled(kafka, 1)
        for start in range(3):
            sending = [
                kafka.send(kafka.names.source, partition, numbered(1, start=start))
                for partition in range(kafka.partitions)
            ]
            await asyncio.gather(*sending)
        await handled(kafka, 1 + 3 * kafka.partitions)
    # What the client had asked for before, and the rest, which a slow machine takes in the turn after.
    assert turns.sizes[0] == 1
    assert len(turns.sizes) <= 3


async def test_a_backlog_is_not_waited_for_and_a_stop_neither(kafka: KafkaScene) -> None:
    turns, settings = Turns(kafka), gathering(gather=timedelta(hours=1), batch_records=10)
    await kafka.send(kafka.names.source, 0, numbered(38))
    async with running(kafka, turns, settings):
        await handled(kafka, 38)
    assert turns.sizes == [10, 10, 10, 8]


async def test_one_after_the_other_is_no_load(kafka: KafkaScene) -> None:
    settings = gathering(gather=timedelta(hours=1), gather_from=2)
    async with running(kafka, kafka.names.copy, settings):
        for number in range(3):
            await kafka.send(kafka.names.source, 0, numbered(1, start=number))
            await handled(kafka, 1 + number)
