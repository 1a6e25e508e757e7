"""A file that was running at the backup goes on after the restore, and no row of it is handed in twice."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from infra.backup.__main__ import load, save
from infra.backup.settings import BackupSettings
from infra.local.postgres import binaries
from services.contracts.topics import APPLICATIONS, DECISIONS, TRIAL_DECISIONS, TRIALS
from services.gateway.batch_claims import Claim, Claims
from services.gateway.batch_part import application_id
from services.gateway.batch_store import BatchStore
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from tests.integration.gateway.batch_scene import names_on_topic, reached
from tests.integration.gateway.scene import running_gateway
from tests.integration.gateway.test_batch_outage import CrashError, kept, publish
from tests.integration.kit.topics import make_topics
from tests.integration.ledger.migrating import new_database
from tests.parts import OwnKafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
TOPICS = [topic.name for topic in (APPLICATIONS, DECISIONS, TRIALS, TRIAL_DECISIONS)]
TRIED = "SELECT DISTINCT part FROM gateway.batch_tries ORDER BY part"


@pytest.fixture
def settings(
    postgres_url: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BackupSettings]:
    """Databases and artefacts of the test's own, with PostgreSQL's programs at hand."""
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")
    artefacts = tmp_path / "artefacts"
    artefacts.mkdir()
    with new_database(postgres_url, template) as octroi, new_database(postgres_url) as mlflow:
        yield BackupSettings(
            database_url=SecretStr(octroi), mlflow_database_url=SecretStr(mlflow), mlflow_artifacts=artefacts
        )


@pytest.fixture
async def store(settings: BackupSettings) -> AsyncIterator[BatchStore]:
    database = Database(DatabaseSettings(url=settings.database_url))
    yield BatchStore(database, within=10)
    await database.close()


async def hand_in(bootstrap: str, claims: Claims, batch_id: str, rows: int | None = None) -> Sequence[str]:
    """Hand the next part in, or die after so many rows; return what was sent."""
    names: Sequence[str] = ()
    with suppress(CrashError):
        async with claims.claimed(batch_id) as claim:
            assert claim is not None
            names = names_of(claim)[:rows]
            await publish(bootstrap, names)
            if rows is not None:
                raise CrashError
            await claim.handed_in([])
    return names


def names_of(claim: Claim) -> list[str]:
    return [application_id(claim.batch_id, row) for row, _ in claim.rows]


async def test_parts_that_were_handed_in_after_the_backup_are_not_handed_in_again(
    own_kafka: OwnKafka, settings: BackupSettings, store: BatchStore, tmp_path: Path
) -> None:
    await make_topics(own_kafka.bootstrap, *TOPICS)
    kafka = KafkaSettings(bootstrap_servers=own_kafka.bootstrap)
    url = settings.database_url.get_secret_value()
    batch_id, folder = await kept(store, 1700), tmp_path / "backup"
    claims = Claims(store)
    await hand_in(own_kafka.bootstrap, claims, batch_id)
    await asyncio.to_thread(save, folder, settings, kafka)
    after = [*await hand_in(own_kafka.bootstrap, claims, batch_id)]
    after += await hand_in(own_kafka.bootstrap, claims, batch_id, rows=200)
    assert len(after) == 700
    await asyncio.to_thread(load, folder, settings, kafka)
    with psycopg.connect(url) as connection:
        assert connection.execute(TRIED).fetchall() == [(1,), (2,)]
    async with running_gateway(tmp_path, kafka=own_kafka.bootstrap, database=url) as client:
        await reached(client, {"batch_id": batch_id}, handed_in=1700)
    names = await names_on_topic(own_kafka.bootstrap, batch_id)
    assert (len(names), set(names.values())) == (1700, {1})


async def test_a_file_is_restored_where_kafka_has_nothing_yet(
    own_kafka: OwnKafka, settings: BackupSettings, store: BatchStore, tmp_path: Path
) -> None:
    """And nobody else of the machine's users can read what was saved."""
    kafka = KafkaSettings(bootstrap_servers=own_kafka.bootstrap)
    batch_id, folder = await kept(store, 3), tmp_path / "new" / "backup"
    await asyncio.to_thread(save, folder, settings, kafka)
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute("DELETE FROM gateway.batches")
    await asyncio.to_thread(load, folder, settings, kafka)
    assert (await store.required(batch_id)).state == "running"
