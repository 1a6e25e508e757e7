"""Files of applications that were running at a backup: what was handed in of them since.

Parts that were handed in wait again then, and would be decided a second time. So of each a try is noted, as a
gateway that died would have left it: whoever hands it in asks Kafka first what it has of it.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final, NamedTuple

import psycopg
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from infra.backup.errors import BackupError
from infra.backup.groups import BEGINNING, Places
from services.contracts.topics import APPLICATIONS
from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.one_off import partitions_of, reading, records_until, stand

WAITING: Final = "SELECT first_id, last_id, batch_id, part FROM gateway.batch_parts WHERE state = 'waiting'"
TRIED: Final = (
    "INSERT INTO gateway.batch_tries (batch_id, part, tried_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)
SILENT_SECONDS: Final = 30.0
"""Longest wait for records that are there: by then a broker that was started again answers."""


class Part(NamedTuple):
    """Rows of a file that wait, by the ids of their applications; parts have none in common."""

    first_id: str
    last_id: str
    batch_id: str
    number: int


Spans = dict[Part, tuple[int, int]]
"""When the first and the last row of a part came to Kafka, in milliseconds since 1970."""


def note_tries(url: str, kafka: KafkaSettings, begin: Places) -> None:
    """Note what Kafka has of parts that wait in the database: from `begin` on, elsewhere from the beginning.

    Raises BackupError, FatalError where Kafka does not let us in, and psycopg's errors.
    """
    with psycopg.connect(url) as connection:
        waiting = sorted(Part(*row) for row in connection.execute(WAITING))
    # Between two transactions: Kafka may have much to tell.
    spans = asyncio.run(_handed_in(kafka, waiting, begin)) if waiting else {}
    tries = [
        (part.batch_id, part.number, datetime.fromtimestamp(moment / 1000, UTC))
        for part, span in spans.items()
        for moment in span
    ]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(TRIED, tries)


def part_of(name: str, waiting: Sequence[Part]) -> Part | None:
    """Return the part to which an application's id belongs. The parts are in the order of their ids."""
    place = bisect_right(waiting, name, key=attrgetter("first_id")) - 1
    if place < 0 or name > waiting[place].last_id or len(name) != len(waiting[place].last_id):
        return None
    return waiting[place]


async def _handed_in(kafka: KafkaSettings, waiting: Sequence[Part], begin: Places) -> Spans:
    spans: Spans = {}
    try:
        # Uncommitted, too, as the gateway reads it back.
        async with (
            reading(kafka, isolation="read_uncommitted", within=None) as consumer,
            asyncio.timeout(SILENT_SECONDS) as silence,
        ):
            async for record in _since(consumer, begin):
                silence.reschedule(asyncio.get_running_loop().time() + SILENT_SECONDS)
                _note(record, waiting, spans)
    except UnavailableError as error:
        raise BackupError(
            f"{APPLICATIONS.name} cannot be read ({error}); see that Kafka is up, then restore again"
        ) from error
    return spans


async def _since(consumer: AIOKafkaConsumer, begin: Places) -> AsyncIterator[ConsumerRecord]:
    """Yield the records of all partitions from `begin` on, to the end that they have by now."""
    if APPLICATIONS.name not in await consumer.topics():
        # Another cluster, with nothing in it yet.
        return
    places = await partitions_of(consumer, APPLICATIONS.name)
    consumer.assign(places)
    firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    await stand(consumer, {place: max(firsts[place], begin.get(place, BEGINNING)) for place in places})
    async for record in records_until(consumer, ends):
        yield record


def _note(record: ConsumerRecord, waiting: Sequence[Part], spans: Spans) -> None:
    part = part_of((record.key or b"").decode(errors="replace"), waiting)
    if part is not None:
        first, last = spans.get(part, (record.timestamp, record.timestamp))
        spans[part] = min(first, record.timestamp), max(last, record.timestamp)
