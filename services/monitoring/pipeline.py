"""Is anything stuck: lag of each stage, throughput, dead letters, and which models decide where."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import ValidationError

from services.contracts.alerts import ChampionChanged
from services.contracts.codec import ContractError, attribute, decode
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, FEATURES, OUTCOMES, Topic
from services.kit.closing import closed
from services.kit.consumer import leave
from services.kit.database import Database, rows_of
from services.kit.errors import UnavailableError
from services.kit.group_offsets import group_offsets
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings, group_of
from services.kit.records import Record
from services.monitoring.champion import Champion
from services.monitoring.storage import storage_errors

STAGES: Final[Mapping[str, tuple[Topic, ...]]] = {
    "feature": (APPLICATIONS,),
    "scoring": (FEATURES,),
    "ledger": (APPLICATIONS, DECISIONS, OUTCOMES, DEAD_LETTERS),
    "monitoring": (FEATURES, DECISIONS),
}
"""What each stage reads. Where it has never committed, all waits for it: it may never have started."""
MARKERS: Final = 2
"""A partition that is written in transactions ends with a marker of the last one, and with another where the
next one was begun and ended empty. No consumer commits them."""
MINUTE: Final = timedelta(minutes=1)
"""What decisions are counted over: of the newest megabytes alone, as it is done every second."""
DECIDED = (
    "SELECT model_version, count(*) AS decisions FROM public.decision_times "
    "WHERE decided_at > %(minute)s AND decided_at <= %(now)s GROUP BY model_version"
)
"""Counted by when they were made: applications wait while a stage catches up, and may be stamped at will."""
_REFUSED = (
    "SELECT count(*) AS dead_letters, "
    "count(*) FILTER (WHERE failed_at >= %(hour)s) AS dead_letters_last_hour "
    "FROM public.dead_letters WHERE failed_at >= %(day)s"
)
log = structlog.stdlib.get_logger("pipeline")


class Counts(NamedTuple):
    """What the ledger has of late."""

    by_version: Mapping[str, int]
    """Decisions made in the last minute, by the version of their model."""
    dead_letters: int
    dead_letters_last_hour: int


class Pipeline:
    """Looks at Kafka, the ledger and the alerts' topic.

    An instance says which model it decides with, and nobody says when it is gone: in containers each start
    has another name. So an instance on another version than the champion is told of only while decisions of
    that version are made; one whose version decides nothing is gone or idle.
    """

    def __init__(self, database: Database, kafka: KafkaSettings, champion: Champion) -> None:
        self._database = database
        self._kafka = kafka
        self._champion = champion
        self._changes: dict[str, ChampionChanged] = {}
        self._newest: ChampionChanged | None = None

    def take(self, record: Record) -> None:
        """Learn from the alerts' topic which instance decides with which model."""
        if attribute(record.headers, "ce_type") != ChampionChanged.event_type():
            return
        try:
            change = decode(ChampionChanged, record.value, record.headers)
        except (ContractError, ValidationError) as error:
            log.warning("alert_unreadable", position=record.position(), error=str(error))
            return
        # An instance that starts tells its model too, which may decide since long before.
        known = self._changes.get(change.instance)
        if known is None or known.current_version != change.current_version:
            self._changes[change.instance] = change
        if self._newest is None or self._newest.current_version != change.current_version:
            self._newest = change

    async def look(self, now: datetime | None = None) -> dict[str, Any]:
        """Return the state for the page; what cannot be told at the moment is null."""
        now = now or datetime.now(UTC)
        lags, counts = await asyncio.gather(self._lags(), self._counts(now))
        watched, challenger = self._champion.current, self._champion.challenger
        newest, since = self._newest, None
        if newest is not None and watched is not None and newest.current_version == watched.version:
            since = newest.raised_at
        return {
            "at": now,
            "stages": [{"name": stage, "lag": lags.get(stage)} for stage in STAGES],
            "throughput": counts and sum(counts.by_version.values()) / MINUTE.total_seconds(),
            "dead_letters": counts and counts.dead_letters,
            "dead_letters_last_hour": counts and counts.dead_letters_last_hour,
            "champion": watched and {"name": self._champion.name, "version": watched.version, "since": since},
            "challenger": challenger and {"name": self._champion.name, "version": challenger, "since": None},
            "instances": [
                {"instance": each.instance, "version": each.current_version, "since": each.raised_at}
                for each in self._instances(counts)
            ],
        }

    def _instances(self, counts: Counts | None) -> list[ChampionChanged]:
        """Return what instances last said that are on the champion, or on a version known to decide."""
        used = set() if counts is None else set(counts.by_version)
        if self._champion.current is not None:
            used.add(self._champion.current.version)
        told = (change for change in self._changes.values() if change.current_version in used)
        return sorted(told, key=lambda change: change.instance)

    async def _counts(self, now: datetime) -> Counts | None:
        decided = {"minute": now - MINUTE, "now": now}
        refused = {"hour": now - timedelta(hours=1), "day": now - timedelta(days=1)}
        try:
            with storage_errors():
                async with self._database.connection() as connection:
                    by_version = {
                        row["model_version"]: row["decisions"]
                        for row in await rows_of(connection, DECIDED, decided)
                    }
                    [dead] = await rows_of(connection, _REFUSED, refused)
        except UnavailableError:
            return None
        return Counts(by_version, **dead)

    async def _lags(self) -> dict[str, int]:
        try:
            with kafka_errors():
                async with asyncio.timeout(5):
                    return await self._lags_of_groups()
        except (UnavailableError, TimeoutError) as error:
            log.warning("lag_unknown", error=str(error))
            return {}

    async def _lags_of_groups(self) -> dict[str, int]:
        admin = AIOKafkaAdminClient(**self._kafka.client())
        consumer = AIOKafkaConsumer(**self._kafka.client(), isolation_level="read_committed")
        try:
            await admin.start()
            await consumer.start()
            described = await admin.describe_topics(
                sorted({topic.name for read in STAGES.values() for topic in read})
            )
            targets = [
                TopicPartition(topic["topic"], partition["partition"])
                for topic in described
                for partition in topic["partitions"]
            ]
            begins, ends = await consumer.beginning_offsets(targets), await consumer.end_offsets(targets)
            committed = {stage: await group_offsets(admin, group_of(stage)) for stage in STAGES}
        finally:
            await closed(leave(consumer), admin.close())
        return {
            stage: sum(
                _waiting(begins[target], ends[target], committed[stage].get(target, 0))
                for target in targets
                if target.topic in {topic.name for topic in read}
            )
            for stage, read in STAGES.items()
        }


def _waiting(begin: int, end: int, committed: int) -> int:
    """Return how many records of a partition wait, less MARKERS; what Kafka removed unread does not."""
    return max(end - MARKERS - max(begin, committed), 0)
