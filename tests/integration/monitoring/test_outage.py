"""A database that goes and comes back leaves right counts."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.local.postgres import Postgres
from services.kit.database import create_database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.monitoring.champion import Champion
from services.monitoring.counting import Counting
from services.scorecard.catalogue import Matrix
from tests.engine import free_port
from tests.integration.ledger.migrating import migrate
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.blocks import expected_sums, same, sums
from tests.parts import RunningPart, part_folder, running_part
from tests.unit.monitoring.population import SEGMENTS, decision_records, feature_records, observed_of

pytestmark = pytest.mark.postgres
BATCH = 300


@pytest.fixture
def server() -> Iterator[tuple[RunningPart, str]]:
    """A PostgreSQL of the test's own, to be killed, whose data survive it."""
    with part_folder() as folder:
        postgres = Postgres(folder / "postgres", free_port())
        with running_part(postgres, folder / "postgres.log") as running:
            url = postgres.url("octroi")
            assert migrate(url, "upgrade", "head").returncode == 0
            yield running, url


@pytest.fixture
async def lasting(server: tuple[RunningPart, str]) -> AsyncIterator[AsyncEngine]:
    engine = create_database(DatabaseSettings(url=SecretStr(server[1])))
    yield engine
    await engine.dispose()


async def test_a_database_killed_in_the_middle_ends_in_right_counts(
    server: tuple[RunningPart, str], lasting: AsyncEngine, champion: Champion, matrix: Matrix
) -> None:
    running, url = server
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
    server: tuple[RunningPart, str], lasting: AsyncEngine, champion: Champion, matrix: Matrix
) -> None:
    running, url = server
    rows, counting = observed_of(champion, feature_records(matrix[:10])), Counting(lasting, SEGMENTS)
    await counting.write(rows[:5])
    assert running.process is not None
    running.process.send_signal(signal.SIGINT)
    running.process.wait()
    with pytest.raises(UnavailableError, match="PostgreSQL"):
        await counting.write(rows)
    await asyncio.to_thread(running.start)
    await counting.write(rows)
    assert same(sums(LedgerReader(url)), expected_sums(rows))
