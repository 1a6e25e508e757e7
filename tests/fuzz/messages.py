"""Mutated records through the real loop of a stage, with nothing behind it: each must be accounted for."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from prometheus_client import CollectorRegistry

from services.contracts.codec import attribute, decode
from services.contracts.topics import DEAD_LETTERS, TOPICS
from services.kit.dead_letters import DeadLetterOffice
from services.kit.metrics import StageMetrics
from services.kit.progress import Progress
from services.kit.records import Handler, Message, Output, Partition, Record
from services.kit.stream import POISON, Stage
from services.kit.stream_settings import StreamSettings
from tests.fuzz.mutating import mutated
from tests.fuzz.readers import NOW, Reader

TURN: Final = 500
NAMES_FIELD: Final = re.compile(r"[\w.]+: ")
CONTRACTS: Final = {event.event_type(): event for topic in TOPICS for event in topic.events}
UNLIMITED: Final = StreamSettings(
    batch_records=TURN, hold=timedelta(0), dead_letters_allowed=TURN, dead_letter_window=TURN
)


@dataclass
class Lanes:
    """A connection that gives each record a partition of its own, so that none waits behind another."""

    records: Iterator[Record]
    write: Callable[[Sequence[Any]], Awaitable[None]] | None = None
    sent: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """How many records were handled, refused or held."""

    async def open(self) -> None: ...

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        polled: dict[Partition, Sequence[Record]] = {}
        for lane, record in enumerate(islice(self.records, TURN)):
            partition = Partition(record.partition.topic, lane)
            polled[partition] = [record._replace(partition=partition, offset=self.sent + lane)]
        self.sent += len(polled)
        return polled

    async def deliver(self, outputs: Mapping[Partition, Output[Any]]) -> None:
        items = [item for output in outputs.values() for _, item in output.items]
        for output in outputs.values():
            self.told["refused" if output.dead else "handled"] += output.records
            for record, letter in output.dead:
                assert (letter.key, letter.value) == (record.key, record.value), "a dead letter is untouched"
        for item in items:
            if isinstance(item, Message):
                readable(item)
        if self.write:
            await self.write(items)

    async def rest(self) -> None: ...

    def rewind(self, partition: Partition, offset: int) -> None:
        del partition, offset
        self.told["held"] += 1

    def resume(self, partition: Partition) -> None: ...

    async def lag(self) -> Mapping[Partition, int]:
        return {}

    async def close(self) -> None: ...


def readable(message: Message) -> None:
    """Raise ContractError where a stage has written what no stage can read."""
    decode(CONTRACTS[attribute(message.headers, "ce_type") or ""], message.value, message.headers)


def unharmed(handler: Handler[Any]) -> Handler[Any]:
    """Raise AssertionError where the handler stumbles; the loop would take that for a refusal, too.

    A ValueError that names the field was found by looking, and is one.
    """

    def handle(records: Sequence[Record]) -> Sequence[Any]:
        try:
            return handler(records)
        except POISON as error:
            if type(error) is ValueError and NAMES_FIELD.match(str(error)):
                raise
            raise AssertionError("the handler does not bear what it has read") from error

    return handle


@dataclass(frozen=True)
class Told:
    """What a reader made of the records that it got."""

    reader: str
    sent: int
    handled: int
    refused: int
    held: int

    @property
    def accounted(self) -> bool:
        return self.sent == self.handled + self.refused + self.held


def read_mutated(reader: Reader, *, count: int, seed: int) -> Told:
    """Send so many mutated records through the loop and return what became of them; raise what it raises."""
    return asyncio.run(reading_mutated(reader, count=count, seed=seed))


async def reading_mutated(reader: Reader, *, count: int, seed: int) -> Told:
    """Do the same in the event loop at hand."""
    random = Random(f"{reader.name}:{seed}")
    lanes = Lanes((mutated(random.choice(reader.records), random) for _ in range(count)), reader.write)
    stage = Stage(
        lambda: lanes,
        unharmed(reader.handler),
        office=DeadLetterOffice(DEAD_LETTERS.name, reader.name, lambda: NOW),
        settings=UNLIMITED,
        metrics=StageMetrics(CollectorRegistry()),
        progress=Progress(turn_within=timedelta(seconds=60)),
    )
    # A delivery is waited for in the turn behind its own.
    for _ in range(-(-count // TURN) + 1):
        await stage.turn(lanes)
    return Told(reader.name, lanes.sent, lanes.told["handled"], lanes.told["refused"], lanes.told["held"])
