"""Sends applications to their topic, at a rate or as fast as Kafka takes them."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from time import monotonic
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from services.contracts.codec import Encoded, encode, explain
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.topics import APPLICATIONS
from services.scorecard.columns import IDENTIFIER
from services.scorecard.table import Cells, TableError

SOURCE = "octroi/replay"
CHUNK = 200
"""Applications that are sent together and waited for."""


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
    begun, sent = monotonic(), 0
    numbered = enumerate(rows)
    while chunk := list(islice(numbered, CHUNK if rate is None else max(1, min(CHUNK, int(rate / 20))))):
        events = [_encoded(f"{run}.{number}.{row.get(IDENTIFIER)}", row) for number, row in chunk]
        on_sent([encoded.key.decode() for encoded in events])
        await asyncio.gather(*[await _send(producer, encoded) for encoded in events])
        sent += len(chunk)
        if rate is not None:
            await asyncio.sleep(max(0.0, begun + sent / rate - monotonic()))


async def _send(producer: AIOKafkaProducer, encoded: Encoded) -> asyncio.Future[object]:
    future: asyncio.Future[object] = await producer.send(
        APPLICATIONS.name, encoded.value, key=encoded.key, headers=list(encoded.headers)
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


def cycled(rows: list[Cells], count: int | None) -> Iterator[Cells]:
    """Return the rows once, or again and again up to `count`."""
    total = len(rows) if count is None else count
    return (rows[number % len(rows)] for number in range(total))
