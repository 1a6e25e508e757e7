"""Files of applications, and what a client sees of them."""

import asyncio
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer

from services.contracts.topics import APPLICATIONS

BATCHES = "/v1/batches"
COLUMNS = ("SK_ID_CURR", "AMT_INCOME_TOTAL", "AMT_CREDIT", "DAYS_BIRTH", "NAME_CONTRACT_TYPE", "EXT_SOURCE_2")
Line = Sequence[object]
Batch = dict[str, Any]


def line(number: int, *, bad: bool = False) -> Line:
    return (number, "96000.0", "-1.0" if bad else "150000.0", -10950, "Cash loans", "")


def file_of(lines: Sequence[Line], columns: Sequence[str] = COLUMNS) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows([columns, *lines])
    return text.getvalue().encode()


def good_file(rows: int) -> bytes:
    return file_of([line(number) for number in range(1, rows + 1)])


async def send(
    client: httpx.AsyncClient, content: object, name: str = "mine", **headers: str
) -> httpx.Response:
    return await client.post(
        BATCHES,
        params={"name": name},
        content=content,  # type: ignore[arg-type]
        headers={"Content-Type": "text/csv", **headers},
    )


async def sent(client: httpx.AsyncClient, content: object) -> Batch:
    answer = await send(client, content)
    assert answer.status_code == 202, answer.text
    batch: Batch = answer.json()
    assert answer.headers["Location"] == f"{BATCHES}/{batch['batch_id']}"
    return batch


async def look(client: httpx.AsyncClient, batch: Batch) -> Batch:
    answer = await client.get(f"{BATCHES}/{batch['batch_id']}")
    assert answer.status_code == 200, answer.text
    found: Batch = answer.json()
    return found


async def finished(client: httpx.AsyncClient, batch: Batch) -> Batch:
    """Return the batch once it is done."""
    return await reached(client, batch, state="done")


async def reached(client: httpx.AsyncClient, batch: Batch, **fields: object) -> Batch:
    """Return the batch once it has these fields."""
    seen = 0
    async with asyncio.timeout(60):
        while True:
            found = await look(client, batch)
            assert found["decided"] >= seen, "progress does not go back"
            seen = found["decided"]
            if fields.items() <= found.items():
                return found
            await asyncio.sleep(0.05)


async def results(client: httpx.AsyncClient, batch: Batch) -> list[dict[str, str]]:
    answer = await client.get(f"{BATCHES}/{batch['batch_id']}/results")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def names_on_topic(bootstrap: str, batch_id: str) -> Counter[str]:
    """Return how often each row of a batch stands on the applications' topic, by its application's id."""
    reader = AIOKafkaConsumer(APPLICATIONS.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    names: Counter[str] = Counter()
    async with reader:
        ends = await reader.end_offsets(reader.assignment())
        while any([await reader.position(place) < end for place, end in ends.items()]):
            for batch in (await reader.getmany(timeout_ms=200)).values():
                names.update(record.key.decode() for record in batch if record.key)
    return Counter({name: times for name, times in names.items() if name.startswith(batch_id)})
