import asyncio
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from services.ledger.handler import LedgerHandler
from tests.engine import free_port
from tests.integration.kit.topics import make_topics
from tests.integration.ledger.reading import LedgerReader
from tests.integration.ledger.streaming import kill, publish, running_ledger
from tests.unit.ledger.records import (
    application_record,
    dead_letter_record,
    decision_record,
    outcome_record,
    submitted,
)

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
async def bootstrap(kafka_bootstrap: str) -> str:
    await make_topics(kafka_bootstrap, *LedgerHandler().topics)
    return kafka_bootstrap


@pytest.fixture
def run() -> str:
    """Begins the ids of this test: the topics are everybody's."""
    return uuid4().hex


class Rows:
    """Counts the rows of one run."""

    def __init__(self, ledger: LedgerReader, run: str) -> None:
        self._ledger = ledger
        self._like = f"{run}%"

    def count(self, table: str) -> int:
        query = f"SELECT count(*) AS number FROM ledger.{table} WHERE application_id LIKE %s"  # noqa: S608
        number: int = self._ledger.rows(query, self._like)[0]["number"]
        return number

    def by(self, column: str, table: str) -> list[tuple[str, int]]:
        """Return how many rows there are for each word of a column, in the order of the words."""
        query = f"SELECT {column} AS word, count(*) AS number FROM {table} WHERE application_id LIKE %s"  # noqa: S608
        found = self._ledger.rows(f"{query} GROUP BY word ORDER BY word", self._like)
        return [(row["word"], row["number"]) for row in found]

    async def until_there_are(self, table: str, least: int) -> None:
        await self.until(lambda: self.count(table) >= least)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - nobody tells of rows
                await asyncio.sleep(0.05)


async def test_records_become_rows_and_only_decisions_are_the_ledgers_to_refuse(
    bootstrap: str, ledger_url: str, ledger: LedgerReader, run: str
) -> None:
    rows, port = Rows(ledger, run), free_port()
    names = [f"{run}-{n}" for n in range(300)]
    last = f"{run}-last"
    await publish(
        bootstrap,
        [
            *(decision_record(name)._replace(value=b"not JSON") for name in names[:7]),
            *(application_record(b"not JSON")._replace(key=name.encode()) for name in names[:5]),
            *(decision_record(name) for name in names[:200]),
            *(application_record(submitted(name)) for name in names),
            *(outcome_record(name, "repaid", "2027-03-31T00:00:00Z") for name in names[:100]),
            *(dead_letter_record(submitted(name)) for name in names[250:]),
        ],
    )
    with running_ledger(bootstrap, ledger_url, port):
        await rows.until(lambda: rows.count("dead_letters") == 57)
        # What was refused among these would have become a dead letter before the last one did.
        await publish(bootstrap, [decision_record(last)._replace(value=b"{}") for _ in range(2)])
        await rows.until(lambda: rows.count("dead_letters") == 59 and rows.count("outcomes") == 100)
        await rows.until(lambda: (rows.count("applications"), rows.count("decisions")) == (300, 200))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as probes:
            metrics = (await probes.get("/metrics")).text
            assert (await probes.get("/health/ready")).status_code == 200
    assert rows.by("state", "public.application_states") == [
        ("dead", 50),
        ("decided", 200),
        ("received", 50),
    ]
    assert rows.by("stage", "ledger.dead_letters") == [("feature", 50), ("ledger", 9)]
    assert 'octroi_ledger_rows_total{table="applications"}' in metrics


async def test_kill_9_of_the_ledger_loses_and_doubles_nothing(
    bootstrap: str, ledger_url: str, ledger: LedgerReader, run: str
) -> None:
    rows = Rows(ledger, run)
    names = [f"{run}-{n}" for n in range(3000)]
    await publish(bootstrap, (application_record(submitted(name)) for name in names))
    await publish(bootstrap, (decision_record(name) for name in names))
    for some in (1, 1500):
        with running_ledger(bootstrap, ledger_url, free_port(), OCTROI_STREAM_BATCH_RECORDS="200") as process:
            await rows.until_there_are("applications", some)
            kill(process)
    last = f"{run}-last"
    await publish(bootstrap, [application_record(submitted(last)), decision_record(last)])
    with running_ledger(bootstrap, ledger_url, free_port()):
        await rows.until(lambda: (rows.count("applications"), rows.count("decisions")) == (3001, 3001))
    assert (rows.count("undecided"), rows.count("conflicts")) == (0, 0)
