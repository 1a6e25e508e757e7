import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.kit.errors import FatalError, UnavailableError
from services.kit.packing import unpacked
from services.kit.records import Emit, Record
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.reading import LedgerReader
from tests.unit.ledger.records import (
    application_record,
    dead_letter_record,
    decision_record,
    outcome_record,
    submitted,
)

pytestmark = pytest.mark.postgres

END_SESSIONS = """
SELECT pg_terminate_backend(pid, 10000) AS ended FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Ledger:
    """Handler and book, as the service wires them."""

    def __init__(self, book: Book, registry: CollectorRegistry) -> None:
        self._book = book
        self._registry = registry
        self._handler = LedgerHandler()

    async def take(self, *records: Record) -> None:
        results = self._handler(records)
        await self._book.write([row for each in results if isinstance(each, Emit) for row in each.items])

    def counted(self, metric: str, table: str) -> float | None:
        return self._registry.get_sample_value(f"octroi_ledger_{metric}_total", {"table": table})


@asynccontextmanager
async def serving(url: str, **settings: timedelta) -> AsyncIterator[Ledger]:
    registry = CollectorRegistry()
    async with open_book(url, registry, **settings) as book:
        yield Ledger(book, registry)


@pytest.fixture
async def service(ledger_url: str) -> AsyncIterator[Ledger]:
    async with serving(ledger_url) as service:
        yield service


def batch(size: int) -> list[Record]:
    applications = [application_record(submitted(f"web-{n:04}"), n) for n in range(size)]
    decisions = [decision_record(f"web-{n:04}", n) for n in range(size)]
    letters = [dead_letter_record(submitted(f"web-{n:04}"), n) for n in range(0, size, 10)]
    outcomes = [outcome_record(f"web-{n:04}", "repaid", "2027-03-31T00:00:00Z", n) for n in range(size)]
    return [*applications, *decisions, *letters, *outcomes]


async def test_a_batch_that_is_read_again_after_a_crash_changes_nothing(
    service: Ledger, ledger_url: str, ledger: LedgerReader
) -> None:
    await service.take(*batch(100))
    before = ledger.everything()
    assert {name: len(rows) for name, rows in before.items()} == {
        "applications": 100,
        "conflicts": 0,
        "decisions": 100,
        "undecided": 0,
        "outcomes": 100,
        "dead_letters": 10,
    }
    await service.take(*batch(100))
    async with serving(ledger_url) as another:
        await another.take(*reversed(batch(100)))
    assert ledger.everything() == before
    assert service.counted("rows", "applications") == 100
    assert service.counted("duplicates", "applications") == 100


async def test_the_raw_application_comes_back_byte_by_byte(service: Ledger, ledger: LedgerReader) -> None:
    value = submitted("web-1")
    await service.take(application_record(value))
    assert unpacked(ledger.state("web-1")["raw"]) == value


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
async def test_the_first_application_stands_and_a_different_second_is_a_conflict(
    service: Ledger, ledger: LedgerReader, together: bool
) -> None:
    first = application_record(submitted("web-1"), 1)
    second = application_record(
        submitted("web-1", application=SMALLEST_APPLICATION), 2, headers=(("ce_id", b"second"),)
    )
    for records in [(first, second)] if together else [(first,), (second,)]:
        await service.take(*records)
    assert ledger.state("web-1")["application_offset"] == 1
    [conflict] = ledger.rows("SELECT * FROM ledger.conflicts")
    assert (conflict["application_id"], conflict["event_id"], conflict["offset"]) == ("web-1", "second", 2)
    assert unpacked(conflict["raw"]) == second.value
    await service.take(first, second)
    assert ledger.count("conflicts") == 1
    assert service.counted("rows", "conflicts") == 1


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
async def test_the_same_application_sent_twice_is_no_conflict(
    service: Ledger, ledger: LedgerReader, together: bool
) -> None:
    again = {"channel": "branch", "application": dict(reversed(APPLICATION.items()))}
    first, second = (
        application_record(submitted("web-1"), 1),
        application_record(submitted("web-1", **again), 2),
    )
    for records in [(first, second)] if together else [(first,), (second,)]:
        await service.take(*records)
    assert (ledger.count("applications"), ledger.count("conflicts")) == (1, 0)
    assert service.counted("duplicates", "applications") == 1


async def test_the_first_decision_stands(service: Ledger, ledger: LedgerReader) -> None:
    await service.take(application_record(submitted("web-1")), decision_record("web-1", 1, score=600))
    await service.take(decision_record("web-1", 2, score=700), decision_record("web-1", 3, score=800))
    assert (ledger.count("decisions"), ledger.state("web-1")["score"]) == (1, 600)


async def test_a_later_observation_of_a_loan_corrects_an_earlier_one(
    service: Ledger, ledger: LedgerReader
) -> None:
    await service.take(outcome_record("web-1", "repaid", "2027-01-02T00:00:00Z", 1))
    await service.take(
        outcome_record("web-1", "repaid", "2027-01-01T00:00:00Z", 2),
        outcome_record("web-1", "defaulted", "2027-01-03T00:00:00Z", 3),
        outcome_record("web-1", "repaid", "2027-01-03T00:00:00Z", 4),
    )
    await service.take(outcome_record("web-1", "repaid", "2026-12-31T00:00:00Z", 5))
    [row] = ledger.rows('SELECT outcome, observed_at, "offset" FROM ledger.outcomes')
    assert (row["outcome"], row["observed_at"].day, row["offset"]) == ("defaulted", 3, 3)


async def test_texts_that_postgres_cannot_hold_sink_no_batch(service: Ledger, ledger: LedgerReader) -> None:
    await service.take(
        application_record(submitted("web-1", channel="a\0b"), headers=(("ce_id", b"a\0b"),)),
        decision_record(
            "web-1", policy_version="1\0", model={"name": "\0m", "version": "1", "role": "champion"}
        ),
        dead_letter_record(None, octroi_error=b"why\0", octroi_stage=b"\xff"),
    )
    state = ledger.state("web-1")
    assert (state["policy_version"], state["model_name"]) == ("1", "m")
    assert ledger.count("dead_letters") == 1


async def test_instances_that_write_the_same_keys_in_other_orders_do_not_stop_each_other(
    ledger_url: str, ledger: LedgerReader
) -> None:
    records = batch(300)
    orders = [records, records[::-1], records[150:] + records[:150], records[::2] + records[1::2]]

    async def take(order: list[Record]) -> None:
        async with serving(ledger_url) as instance:
            await instance.take(*order)

    await asyncio.gather(*map(take, orders))
    counts = [ledger.count(table) for table in ("applications", "decisions", "outcomes", "conflicts")]
    assert counts == [300, 300, 300, 0]


async def test_a_database_that_is_busy_too_long_is_away_for_a_while(
    ledger_url: str, ledger: LedgerReader
) -> None:
    async with serving(ledger_url, write_within=timedelta(seconds=2)) as impatient:
        with psycopg.connect(ledger_url) as blocking:
            blocking.execute("LOCK TABLE ledger.applications")
            with pytest.raises(UnavailableError, match="not taken a batch in time"):
                await impatient.take(*batch(10))
        await impatient.take(*batch(10))
    assert ledger.count("applications") == 10


async def test_a_database_without_tables_ends_the_service_with_the_cure(empty_database: str) -> None:
    async with serving(empty_database) as service:
        with pytest.raises(FatalError, match=r"alembic -c infra/postgres/alembic\.ini upgrade head"):
            await service.take(*batch(1))


async def test_a_session_that_was_ended_between_batches_is_replaced_without_a_word(
    service: Ledger, ledger: LedgerReader
) -> None:
    await service.take(*batch(10))
    assert ledger.rows(END_SESSIONS) == [{"ended": True}]
    await service.take(*batch(20))
    assert ledger.count("applications") == 20
