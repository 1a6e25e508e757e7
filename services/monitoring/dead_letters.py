"""Dead letters for an operator: what was refused and why, and a way to send one again."""

from collections.abc import Sequence
from typing import Any, Final

from aiokafka import TopicPartition

from services.contracts.codec import attribute
from services.contracts.topics import DEAD_LETTERS, TOPICS
from services.kit.database import Database, Row, rows_of
from services.kit.kafka_settings import KafkaSettings
from services.kit.one_off import partitions_of, reading, records_until, stand
from services.kit.records import Message
from services.kit.transport import Publishing
from services.monitoring.storage import storage_errors

SHOWN: Final = 200
READ_WITHIN: Final = 10
"""Seconds to find and read one record in."""
_OURS: Final = "octroi_"
_LATEST = (
    'SELECT topic, partition, "offset", application_id, stage, error, failed_at, origin_topic '
    "FROM public.dead_letters ORDER BY failed_at DESC LIMIT %(most)s"
)


class NoDeadLetterError(LookupError):
    """There is no such dead letter, or it cannot be sent again; the message says why."""


async def latest(database: Database) -> Sequence[Row]:
    """Return the latest dead letters. Raises UnavailableError, FatalError."""
    with storage_errors():
        async with database.connection() as connection:
            return await rows_of(connection, _LATEST, {"most": SHOWN})


async def send_again(kafka: KafkaSettings, publisher: Publishing, partition: int, offset: int) -> str:
    """Send the untouched bytes to the topic that they came from, and return its name.

    The stage reads the record like any other: what is still wrong becomes a dead letter again.
    Raises NoDeadLetterError, UnavailableError.
    """
    record = await _read(kafka, partition, offset)
    headers = tuple(record.headers)
    origin = attribute(headers, "octroi_origin_topic")
    if origin not in {topic.name for topic in TOPICS} - {DEAD_LETTERS.name}:
        raise NoDeadLetterError(f"offset {offset}: names no topic of the engine that it came from")
    if record.key is None and record.value is None:
        raise NoDeadLetterError(f"offset {offset}: has neither key nor value: there is nothing to send")
    kept = tuple((name, value) for name, value in headers if not name.startswith(_OURS))
    await publisher.publish(Message(origin, record.key, record.value, kept))
    return origin


async def _read(kafka: KafkaSettings, partition: int, offset: int) -> Any:  # noqa: ANN401 - aiokafka is not typed
    target = TopicPartition(DEAD_LETTERS.name, partition)
    async with reading(kafka, isolation="read_committed", within=READ_WITHIN) as consumer:
        if target not in await partitions_of(consumer, DEAD_LETTERS.name):
            raise NoDeadLetterError(f"partition {partition}: is none of {DEAD_LETTERS.name}")
        consumer.assign([target])
        first, last = await consumer.beginning_offsets([target]), await consumer.end_offsets([target])
        if not first[target] <= offset < last[target]:
            raise NoDeadLetterError(f"offset {offset}: is not in partition {partition} (any more)")
        await stand(consumer, {target: offset})
        records = [record async for record in records_until(consumer, {target: offset + 1}, most=1)]
    if not records or records[0].offset != offset:
        raise NoDeadLetterError(f"offset {offset}: is no record, but a mark of Kafka's own")
    return records[0]
