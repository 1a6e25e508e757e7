"""What the page tells of the stages, against a broker of these tests' own: groups have their real names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import RecordsToDelete
from pydantic import SecretStr

from infra.kafka.topics import TopicSettings, make_topics
from infra.local.memory_kafka import MemoryKafka
from services.contracts.alerts import ChampionChanged
from services.contracts.codec import encode
from services.contracts.topics import ALERTS, APPLICATIONS, DECISIONS, FEATURES
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Partition, Record
from services.ledger.handler import LedgerHandler
from services.monitoring.champion import Champion
from services.monitoring.observations import MonitoringHandler
from services.monitoring.pipeline import DECIDED, MARKERS, MINUTE, STAGES, Pipeline
from tests.engine import free_port
from tests.integration.kit.scene import KafkaScene, numbered
from tests.integration.kit.waiting import until
from tests.integration.monitoring.ledger_rows import write_to_ledger
from tests.parts import OwnKafka, running_part
from tests.unit.ledger.records import dead_letter_record, decision_record
from tests.unit.monitoring.population import NOON

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
UNKNOWN = dict.fromkeys(STAGES)


@pytest.fixture
async def broker(own_kafka: OwnKafka) -> KafkaScene:
    scene = KafkaScene(own_kafka.bootstrap)
    await make_topics(scene.kafka, TopicSettings(partitions=2))
    return scene


def away() -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")


async def commit(scene: KafkaScene, stage: str, topic: str, partition: int, offset: int) -> None:
    """Commit as the stage's group does."""
    client = scene.kafka.client()
    async with AIOKafkaConsumer(**client, group_id=f"octroi-{stage}", enable_auto_commit=False) as consumer:
        target = TopicPartition(topic, partition)
        consumer.assign([target])
        await consumer.commit({target: offset})


def changed(instance: str, version: str, minute: int, previous: str | None = None) -> Record:
    """Return what a scoring instance tells; without `previous` it has just started."""
    event = ChampionChanged(
        alert_id=f"{instance}-{minute}",
        raised_at=NOON + timedelta(minutes=minute),
        model_name="octroi-scorecard",
        previous_version=previous,
        current_version=version,
        instance=instance,
    )
    encoded = encode(event, event_id=event.alert_id, source="octroi/scoring")
    return Record(Partition(ALERTS.name, 0), minute, 0, *encoded)


async def test_what_waits_before_each_stage_is_told_and_what_is_done_or_removed_is_not(
    broker: KafkaScene, database: Database, champion: Champion
) -> None:
    pipeline = Pipeline(database, broker.kafka, champion)

    async def lags() -> dict[str, int | None]:
        return {stage["name"]: stage["lag"] for stage in (await pipeline.look())["stages"]}

    async def known() -> bool:
        return None not in (await lags()).values()

    # A new broker makes the topic of commits when it is first asked for some.
    await until(known)
    assert await lags() == dict.fromkeys(STAGES, 0)
    for partition, records in ((0, 300), (1, 200)):
        await broker.send(FEATURES.name, partition, numbered(records))
    await broker.send(DECISIONS.name, 1, numbered(100))
    # Nobody has committed anything, as where a stage never came up: all of it waits.
    waiting = {"feature": 0, "scoring": 500 - 2 * MARKERS, "ledger": 100 - MARKERS}
    assert await lags() == waiting | {"monitoring": 600 - 3 * MARKERS}
    await commit(broker, "scoring", FEATURES.name, 0, 250)
    await commit(broker, "monitoring", FEATURES.name, 0, 300)
    waiting |= {"scoring": 250 - 2 * MARKERS}
    assert await lags() == waiting | {"monitoring": 300 - 2 * MARKERS}
    for stage, topic, partition, offset in (
        ("scoring", FEATURES.name, 0, 300),
        ("scoring", FEATURES.name, 1, 200),
        ("monitoring", FEATURES.name, 1, 200),
        ("monitoring", DECISIONS.name, 1, 100),
        ("ledger", DECISIONS.name, 1, 100),
    ):
        await commit(broker, stage, topic, partition, offset)
    assert await lags() == dict.fromkeys(STAGES, 0)
    await broker.send(APPLICATIONS.name, 0, numbered(50))
    async with broker.admin() as admin:
        await admin.delete_records({TopicPartition(APPLICATIONS.name, 0): RecordsToDelete(40)})
    assert (await lags())["feature"] == 10 - MARKERS


async def test_with_kafka_away_lags_are_not_known_and_the_rest_is(
    database: Database, champion: Champion
) -> None:
    look = await Pipeline(database, away(), champion).look()
    assert {stage["name"]: stage["lag"] for stage in look["stages"]} == UNKNOWN
    assert (look["throughput"], look["dead_letters"], look["dead_letters_last_hour"]) == (0, 0, 0)
    assert look["champion"]["version"] == "7"


async def test_with_a_stand_in_that_does_not_tell_what_was_read_lags_are_not_known(
    database: Database, champion: Champion, tmp_path: Path
) -> None:
    broker = MemoryKafka(tmp_path)
    with running_part(broker, tmp_path / "kafka.log"):
        scene = KafkaScene(broker.bootstrap())
        await scene.send(FEATURES.name, 0, numbered(3))
        await commit(scene, "scoring", FEATURES.name, 0, 1)
        look = await Pipeline(database, scene.kafka, champion).look()
        assert {stage["name"]: stage["lag"] for stage in look["stages"]} == UNKNOWN


def made(number: int, decided: datetime, *, version: str = "7", handed_in: datetime = NOON) -> Record:
    """Return a decision that was made at a moment."""
    model = {"name": "octroi-scorecard", "version": version, "role": "champion"}
    moments = {"submitted_at": handed_in.isoformat(), "decided_at": decided.isoformat()}
    return decision_record(f"web-{number}", number, model=model, **moments)


async def test_throughput_is_of_the_last_minute_and_dead_letters_of_day_and_hour(
    database: Database, database_url: str, champion: Champion
) -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)

    def refused(number: int, age: timedelta) -> Record:
        return dead_letter_record(b"?", number, octroi_failed_at=(now - age).isoformat().encode())

    ages, hours = (-1, 0, 10, 59, 61), (0.5, 0.9, 2, 23, 25)
    records = [made(number, now - timedelta(seconds=age)) for number, age in enumerate(ages)]
    records += [refused(number, timedelta(hours=age)) for number, age in enumerate(hours)]
    await write_to_ledger(database_url, records)
    look = await Pipeline(database, away(), champion).look(now)
    assert look["throughput"] == pytest.approx(3 / 60)
    assert (look["dead_letters"], look["dead_letters_last_hour"]) == (4, 2)


@pytest.mark.parametrize("waited", [timedelta(hours=7), timedelta(0), timedelta(hours=-2)])
async def test_throughput_counts_decisions_when_they_are_made_whenever_they_were_handed_in(
    database: Database, database_url: str, champion: Champion, waited: timedelta
) -> None:
    # Scoring catches up, keeps up, or a producer's clock is ahead.
    records = [
        made(number, NOON, version=version, handed_in=NOON - waited) for number, version in enumerate("778")
    ]
    await write_to_ledger(database_url, records)
    pipeline = Pipeline(database, away(), champion)
    assert (await pipeline.look(NOON))["throughput"] == pytest.approx(3 / 60)
    for other in (NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)):
        assert (await pipeline.look(other))["throughput"] == 0


async def test_the_last_minute_is_found_without_going_through_all_decisions(database_url: str) -> None:
    every, turns, turn = timedelta(seconds=1), 4, 4_000
    for first in range(0, turns * turn, turn):
        numbers = range(first, first + turn)
        await write_to_ledger(database_url, [made(number, NOON + number * every) for number in numbers])
    end = NOON + (turns * turn - 1) * every
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) ledger.decisions")
    query = f"EXPLAIN (ANALYZE, FORMAT JSON) {DECIDED}"
    with psycopg.connect(database_url, cursor_factory=psycopg.ClientCursor) as connection:
        [(explained,)] = connection.execute(query.encode(), {"minute": end - MINUTE, "now": end}).fetchall()
    assert read_rows(explained[0]["Plan"]) < turns * turn / 2


def read_rows(plan: dict[str, Any]) -> int:
    """Return the rows that all nodes of a plan have read and not given on, or the last has given."""
    removed: int = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    parts = plan.get("Plans", [])
    return removed + (sum(map(read_rows, parts)) if parts else int(plan["Actual Rows"]))


async def test_each_instance_is_told_with_its_version_and_since_when_it_has_it(
    database: Database, champion: Champion
) -> None:
    pipeline = Pipeline(database, away(), champion)
    assert (await pipeline.look())["instances"] == []
    # The last record is a restart, which changes nothing.
    for record in (
        changed("b", "6", 0),
        changed("a", "6", 1),
        changed("a", "7", 5, "6"),
        changed("b", "7", 6, "6"),
        changed("a", "7", 9),
    ):
        pipeline.take(record)
    look = await pipeline.look()
    assert [(each["instance"], each["version"], each["since"]) for each in look["instances"]] == [
        ("a", "7", NOON + timedelta(minutes=5)),
        ("b", "7", NOON + timedelta(minutes=6)),
    ]
    # The engine has it since the first of them had.
    assert look["champion"]["since"] == NOON + timedelta(minutes=5)


async def test_a_champion_that_no_instance_has_yet_is_told_without_since(
    database: Database, champion: Champion
) -> None:
    pipeline = Pipeline(database, away(), champion)
    pipeline.take(changed("a", "6", 0))
    look = await pipeline.look()
    assert (look["champion"]["version"], look["champion"]["since"]) == ("7", None)


async def test_an_instance_on_another_version_is_told_while_that_version_decides(
    database: Database, database_url: str, champion: Champion
) -> None:
    pipeline = Pipeline(database, away(), champion)
    for record in (changed("gone", "5", 0), changed("old", "6", 1), changed("new", "7", 2)):
        pipeline.take(record)
    hour = timedelta(hours=1)
    await write_to_ledger(
        database_url, [made(0, NOON - hour, version="5"), made(1, NOON, version="6"), made(2, NOON)]
    )

    async def told(at: datetime) -> list[tuple[str, str]]:
        return [(each["instance"], each["version"]) for each in (await pipeline.look(at))["instances"]]

    assert await told(NOON) == [("new", "7"), ("old", "6")]
    assert await told(NOON + hour) == [("new", "7")]
    assert await told(NOON - hour) == [("gone", "5"), ("new", "7")]


async def test_with_postgresql_away_only_what_is_known_of_instances_is_told(champion: Champion) -> None:
    database = Database(
        DatabaseSettings(url=SecretStr(f"postgresql://octroi@127.0.0.1:{free_port()}/octroi"))
    )
    pipeline = Pipeline(database, away(), champion)
    for record in (changed("old", "6", 1), changed("new", "7", 2)):
        pipeline.take(record)
    look = await pipeline.look()
    await database.close()
    assert [each["instance"] for each in look["instances"]] == ["new"]
    assert [look[name] for name in ("throughput", "dead_letters", "dead_letters_last_hour")] == [None] * 3


async def test_records_of_the_alerts_topic_that_cannot_be_read_are_passed_over(
    database: Database, champion: Champion
) -> None:
    pipeline = Pipeline(database, away(), champion)
    good = changed("a", "7", 1)
    for broken in (good._replace(value=b"{}"), good._replace(value=None), good._replace(headers=())):
        pipeline.take(broken)
    assert (await pipeline.look())["instances"] == []


def test_what_stages_read_is_what_they_say() -> None:
    named = {stage: {topic.name for topic in topics} for stage, topics in STAGES.items()}
    assert named["ledger"] == set(LedgerHandler().topics)
    assert named["monitoring"] == set(MonitoringHandler.topics)
    assert (named["feature"], named["scoring"]) == ({APPLICATIONS.name}, {FEATURES.name})
