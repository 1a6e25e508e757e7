"""A database that goes and comes back leaves right counts."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.monitoring.champion import Champion
from services.monitoring.counting import Counting
from services.scorecard.catalogue import Matrix
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.blocks import expected_sums, same, sums
from tests.parts import RunningPart
from tests.unit.monitoring.population import SEGMENTS, decision_records, feature_records, observed_of

pytestmark = pytest.mark.postgres
BATCH = 300


@pytest.fixture
async def lasting(own_postgres: tuple[RunningPart, str]) -> AsyncIterator[Database]:
    opened = Database(DatabaseSettings(url=SecretStr(own_postgres[1])))
    yield opened
    await opened.close()


async def test_a_database_killed_in_the_middle_ends_in_right_counts(
    own_postgres: tuple[RunningPart, str], lasting: Database, champion: Champion, matrix: Matrix
) -> None:
    running, url = own_postgres
    assert champion.current is not None
    features = observed_of(champion, feature_records(matrix[:3000]))
    decisions = observed_of(champion, decision_records(matrix[:3000], champion.current))
    counting = Counting(lasting, SEGMENTS)
    for start in range(0, 3000, BATCH):
        end = start + BATCH
        if start in {2 * BATCH, 3 * BATCH, 7 * BATCH}:
            # The batch is under way, or has just been taken: in both cases it is written again.
            writing = asyncio.create_task(counting.write([*features[start:end], *decisions[start:end]]))
            await asyncio.to_thread(running.kill)
            await asyncio.gather(writing, return_exceptions=True)
            with pytest.raises(UnavailableError):
                await counting.write(features[start:end])
            await asyncio.to_thread(running.start)
        await counting.write([*features[:end], *decisions[:end]])
    assert same(sums(LedgerReader(url)), expected_sums([*features, *decisions]))


async def test_a_database_that_is_away_is_said_to_be_away(
    own_postgres: tuple[RunningPart, str], lasting: Database, champion: Champion, matrix: Matrix
) -> None:
    running, url = own_postgres
    rows, counting = observed_of(champion, feature_records(matrix[:10])), Counting(lasting, SEGMENTS)
    await counting.write(rows[:5])
    running.stop()
    with pytest.raises(UnavailableError, match="PostgreSQL"):
        await counting.write(rows)
    await asyncio.to_thread(running.start)
    await counting.write(rows)
    assert same(sums(LedgerReader(url)), expected_sums(rows))
