"""Sends events to their topic, at a rate or as fast as Kafka takes them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from services.contracts.codec import Encoded, encode, explain
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.topics import APPLICATIONS
from services.kit.closing import closed
from services.kit.kafka_errors import FORBIDDEN, forbidden
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.producer import producer, stop
from services.kit.stream_settings import StreamSettings
from services.scorecard.columns import IDENTIFIER
from services.scorecard.table import Cells, TableError

SOURCE = "octroi/replay"
CHUNK = 200
"""Events that are sent together and waited for."""


@asynccontextmanager
async def patient_producer(
    kafka: KafkaSettings, stream: StreamSettings, patience: float
) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer (acks=all), connected within `patience` seconds.

    Raises KafkaError or TimeoutError when Kafka is away, LoginError where it does not let us in.
    """
    sender = producer(kafka, stream.model_copy(update={"request_timeout": timedelta(seconds=patience)}))
    try:
        async with asyncio.timeout(patience):
            await connect(sender, kafka)
        yield sender
    except FORBIDDEN as error:
        raise forbidden(error) from error
    finally:
        # The client would flush for ever to a broker that does not come back.
        await closed(stop(sender))


async def send_all(
    producer: AIOKafkaProducer,
    rows: Iterable[Cells],
    run: str,
    *,
    rate: float | None,
    on_sent: Callable[[list[str]], None],
) -> None:
    """Send each row as an application of its own and report the ids before each chunk is sent.

    `rate` is applications per second. Raises KafkaError when Kafka does not take a chunk, TableError for a
    row that breaks the contract.
    """
    events = (_encoded(id_in(run, number, row), row) for number, row in enumerate(rows))
    async for chunk in chunks_sent(producer, APPLICATIONS.name, events, rate=rate):
        on_sent([encoded.key.decode() for encoded in chunk])


async def chunks_sent(
    producer: AIOKafkaProducer,
    topic: str,
    events: Iterable[Encoded],
    *,
    rate: float | None,
    within: float | None = None,
) -> AsyncIterator[list[Encoded]]:
    """Yield each chunk of events before it is sent; when the next is asked for, Kafka has this one on disk.

    `rate` is events per second. Raises KafkaError when Kafka does not take a chunk, TimeoutError when it has
    not `within` so many seconds: the client by itself would try for ever.
    """
    begun, sent, waiting = monotonic(), 0, iter(events)
    while chunk := list(islice(waiting, CHUNK if rate is None else max(1, min(CHUNK, int(rate / 20))))):
        yield chunk
        async with asyncio.timeout(within):
            await asyncio.gather(*[await _send(producer, topic, encoded) for encoded in chunk])
        sent += len(chunk)
        if rate is not None:
            await asyncio.sleep(max(0.0, begun + sent / rate - monotonic()))


async def _send(producer: AIOKafkaProducer, topic: str, encoded: Encoded) -> asyncio.Future[object]:
    future: asyncio.Future[object] = await producer.send(
        topic, encoded.value, key=encoded.key, headers=list(encoded.headers)
    )
    return future


def _encoded(application_id: str, row: Cells) -> Encoded:
    try:
        event = LoanApplicationSubmitted.model_validate(
            {
                "application_id": application_id,
                "submitted_at": datetime.now(UTC),
                "channel": "replay",
                "application": row,
            }
        )
    except ValidationError as error:
        raise TableError(f"{explain(error)} ({IDENTIFIER} {row.get(IDENTIFIER)}); correct the cell") from None
    return encode(event, event_id=str(uuid4()), source=SOURCE)


def id_in(run: str, number: int, row: Cells) -> str:
    """Return the id of a run's application: its number counts from 0."""
    return f"{run}.{number}.{row.get(IDENTIFIER)}"


def cycled(rows: list[Cells], count: int | None) -> Iterator[Cells]:
    """Return the rows once, or again and again up to `count`."""
    total = len(rows) if count is None else count
    return (rows[number % len(rows)] for number in range(total))
