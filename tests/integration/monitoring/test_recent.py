"""The rows that reports are made of: the latest, so many, and those of the champion's features."""

import numpy as np
import pytest

from infra.kafka.topics import TopicSettings, make_topics
from services.contracts.topics import FEATURES
from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Message, Record
from services.monitoring.champion import Champion
from services.monitoring.recent import RecentRows
from services.monitoring.report_run import ReportError
from services.scorecard.catalogue import Matrix
from tests.engine import free_port
from tests.integration.kit.scene import KafkaScene
from tests.integration.monitoring.transactions import transaction
from tests.parts import OwnKafka
from tests.unit.monitoring.population import (
    champion_of,
    feature_records,
    monitored_of,
    of_catalogue,
    watched_of,
)

pytestmark = pytest.mark.kafka
LAST = 100


@pytest.fixture
async def broker(own_kafka: OwnKafka) -> KafkaScene:
    scene = KafkaScene(own_kafka.bootstrap)
    await make_topics(scene.kafka, TopicSettings(partitions=2))
    return scene


async def send(broker: KafkaScene, partition: int, records: list[Record]) -> None:
    """Send vectors with their own times."""
    for record in records:
        await broker.send(FEATURES.name, partition, [message_of(record)], record.timestamp)


def message_of(record: Record) -> Message:
    return Message(FEATURES.name, record.key, record.value, record.headers)


def sorted_rows(matrix: Matrix) -> list[list[float]]:
    return sorted(np.nan_to_num(matrix, nan=-1).tolist())


async def test_the_rows_are_the_latest_of_all_partitions_and_no_more_than_asked_for(
    broker: KafkaScene, champion: Champion, matrix: Matrix
) -> None:
    recent = RecentRows(broker.kafka, champion, LAST)
    assert (await recent.read()).current.shape == (0, len(monitored_of(matrix)[0]))
    # Rows of both partitions take turns, and what is older than the window is on both.
    records = feature_records(matrix[:240])
    for partition in (0, 1):
        await send(broker, partition, records[partition::2])
    found = await recent.read()
    assert sorted_rows(found.current) == sorted_rows(monitored_of(matrix[140:240]))
    watched = champion.current
    assert watched is not None
    assert (found.model_version, found.reference) == (watched.version, watched.bundle.reference)
    assert [feature.name for feature in found.features] == list(watched.features.names)

    # Nothing is told of what was never committed, what nobody can read or has described, and a short vector.
    lost = [message_of(record) for record in feature_records(matrix[:5])]
    await transaction(broker.kafka, 0, lost, aborted=True)
    later = feature_records(matrix[240:248], begin=records[-1].time())
    short = feature_records(matrix[248:249, 1:], begin=later[-1].time())
    broken = [later[0]._replace(value=b"{}"), later[1]._replace(value=None)]
    await send(broker, 1, [*broken, *of_catalogue(later[2:4], "other"), *later[4:], *short])
    found = await recent.read()
    rows = [*range(149, 240), *range(244, 248)]
    assert sorted_rows(found.current) == sorted_rows(monitored_of(matrix[rows]))

    # Another champion monitors other features, of the same vectors.
    other = champion_of(watched_of(matrix, version="8", monitored=("EXT_SOURCE_3", "DAYS_BIRTH")))
    found = await RecentRows(broker.kafka, other, LAST).read()
    places = [watched.features.names.index(name) for name in ("EXT_SOURCE_3", "DAYS_BIRTH")]
    assert sorted_rows(found.current) == sorted_rows(monitored_of(matrix[rows])[:, places])
    assert found.model_version == "8"


async def test_without_a_champion_there_is_nothing_to_compare_with(champion: Champion) -> None:
    watched = champion.current
    assert watched is not None
    nobody = champion_of(watched)
    nobody.current = None
    with pytest.raises(ReportError, match="no champion could be read yet"):
        await RecentRows(KafkaSettings(), nobody, LAST).read()


async def test_with_kafka_away_there_are_no_rows(champion: Champion) -> None:
    away = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    with pytest.raises(UnavailableError, match="Kafka"):
        await RecentRows(away, champion, LAST).read()
