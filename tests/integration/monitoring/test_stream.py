"""The page is told of each tick, for as long as the service runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.monitoring.champion import Champion
from services.monitoring.history import History
from tests.integration.monitoring.interface import interface
from tests.unit.gateway.fakes import NOWHERE
from tests.unit.monitoring.alert_examples import feature, summary

pytestmark = pytest.mark.postgres
KAFKA_AWAY = KafkaSettings(bootstrap_servers="127.0.0.1:1")
NOW = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


async def test_the_stream_tells_of_the_tick_once_and_ends_with_the_service(
    tmp_path: Path, database: Database, champion: Champion
) -> None:
    history = History(database, keep_ticks=timedelta(days=3), keep_hours=timedelta(days=180))
    await history.record([(summary(feature("A", distance=0.3), at=NOW), np.array([5.0]))])
    looks = iter([False, False, True])
    async with interface(
        tmp_path, database=database, kafka=KAFKA_AWAY, champion=champion, stopping=lambda: next(looks)
    ) as client:
        answer = await client.get("/v1/stream")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    said = [line for line in answer.text.splitlines() if line]
    assert said == ["retry: 2000", "event: tick", 'data: {"at": "2026-03-31T09:30:00+00:00"}']


async def test_the_stream_stays_while_postgresql_is_away(tmp_path: Path, champion: Champion) -> None:
    looks, away = iter([False, True]), Database(NOWHERE)
    async with interface(
        tmp_path, database=away, kafka=KAFKA_AWAY, champion=champion, stopping=lambda: next(looks)
    ) as client:
        answer = await client.get("/v1/stream")
    await away.close()
    assert (answer.status_code, answer.text.strip()) == (200, "retry: 2000")
