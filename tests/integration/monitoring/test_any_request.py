"""Whatever is sent to monitoring, it answers as its OpenAPI document says. Longer: `make fuzz`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.kafka.topics import TopicSettings, make_topics
from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.monitoring.champion import Champion
from tests.fuzz.asking import NOT_INSTALLED, Interface, ask, program
from tests.fuzz.scenes import served
from tests.integration.monitoring.interface import made

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
OPERATIONS = 15


@pytest.fixture
async def interface(
    tmp_path: Path, database: Database, kafka_bootstrap: str, champion: Champion
) -> AsyncIterator[Interface]:
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap)
    await make_topics(kafka, TopicSettings(partitions=2))
    async with (
        made(tmp_path, database=database, kafka=kafka, champion=champion) as (application, key),
        served(application, key) as interface,
    ):
        yield interface


@pytest.mark.skipif(program() is None, reason=NOT_INSTALLED)
async def test_every_answer_is_one_that_is_described(interface: Interface, tmp_path: Path) -> None:
    asked = await asyncio.to_thread(
        ask, interface, tmp_path, seed=1, examples=15, phases=("examples", "fuzzing")
    )
    assert asked.faultless, asked.said
    assert asked.cases > OPERATIONS * 3
