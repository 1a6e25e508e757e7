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
from aiokafka.errors import UnknownTopicOrPartitionError

from infra.backup.errors import BackupError
from infra.backup.groups import BEGINNING, Places
from services.contracts.topics import APPLICATIONS
from services.kit.consumer import leave
from services.kit.login import connect
from services.kit.settings import KafkaSettings

WAITING: Final = "SELECT first_id, last_id, batch_id, part FROM gateway.batch_parts WHERE state = 'waiting'"
TRIED: Final = (
    "INSERT INTO gateway.batch_tries (batch_id, part, tried_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)
SILENT_SECONDS: Final = 30.0
"""Longest wait for records that are there: by then a broker that was started again answers."""
ANSWER_MS: Final = 10_000
"""Longest wait for an answer of Kafka, and for its word that there is no such topic."""
FETCH_MS: Final = 200
"""Longest wait for records before the positions are looked at: they may move on without any."""


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

    Raises BackupError, LoginError, KafkaError, and psycopg's errors.
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
    consumer = AIOKafkaConsumer(
        APPLICATIONS.name,
        **kafka.client(),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=ANSWER_MS,
    )
    spans: Spans = {}
    try:
        async with asyncio.timeout(SILENT_SECONDS) as silence:
            await connect(consumer, kafka)
            async for records in _fetched(consumer, begin):
                silence.reschedule(asyncio.get_running_loop().time() + SILENT_SECONDS)
                _note(records, waiting, spans)
    except UnknownTopicOrPartitionError:
        # Another cluster, with nothing in it yet.
        return {}
    except TimeoutError as error:
        raise BackupError(f"{APPLICATIONS.name} cannot be read; is Kafka up? Then restore again") from error
    finally:
        await leave(consumer)
    return spans


async def _fetched(consumer: AIOKafkaConsumer, begin: Places) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """Yield records of all partitions, to the end that they have by now."""
    places = consumer.assignment()
    ends = await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, begin.get(place, BEGINNING))
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=FETCH_MS)).values():
            yield records


def _note(records: Sequence[ConsumerRecord], waiting: Sequence[Part], spans: Spans) -> None:
    for record in records:
        part = part_of((record.key or b"").decode(errors="replace"), waiting)
        if part is not None:
            first, last = spans.get(part, (record.timestamp, record.timestamp))
            spans[part] = min(first, record.timestamp), max(last, record.timestamp)
