"""Is anything stuck: lag of each stage, throughput, dead letters, and which models decide where."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.contracts.alerts import ChampionChanged
from services.contracts.codec import ContractError, attribute, decode
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.records import Record
from services.kit.settings import KafkaSettings
from services.monitoring.champion import Champion
from services.monitoring.storage import storage_errors

STAGES: Final = ("feature", "scoring", "ledger", "monitoring")
MARKERS: Final = 2
"""A partition that is written in transactions ends with a marker of the last one, and with another where the
next one was begun and ended empty. No consumer commits them."""
_COUNTS = text(
    "SELECT (SELECT count(*) FROM public.decision_times WHERE submitted_at >= :minute) AS decisions, "
    "(SELECT count(*) FROM public.dead_letters WHERE failed_at >= :day) AS dead_letters, "
    "(SELECT count(*) FROM public.dead_letters WHERE failed_at >= :hour) AS dead_letters_last_hour"
)
log = structlog.stdlib.get_logger("pipeline")


class Pipeline:
    """Looks at Kafka, the ledger and the alerts' topic."""

    def __init__(self, database: AsyncEngine, kafka: KafkaSettings, champion: Champion) -> None:
        self._database = database
        self._kafka = kafka
        self._champion = champion
        self._changes: dict[str, ChampionChanged] = {}

    def take(self, record: Record) -> None:
        """Learn from the alerts' topic which instance decides with which model."""
        if attribute(record.headers, "ce_type") != ChampionChanged.event_type():
            return
        try:
            change = decode(ChampionChanged, record.value, record.headers)
        except (ContractError, ValidationError) as error:
            log.warning("alert_unreadable", position=record.position(), error=str(error))
            return
        self._changes[change.instance] = change

    async def look(self, now: datetime | None = None) -> dict[str, Any]:
        """Return the state for the page; what cannot be told at the moment is null."""
        now = now or datetime.now(UTC)
        lags, counts = await asyncio.gather(self._lags(), self._counts(now))
        changes = sorted(self._changes.values(), key=lambda change: change.instance)
        since = max((change.raised_at for change in changes), default=None)
        watched, challenger = self._champion.current, self._champion.challenger
        return {
            "at": now,
            "stages": [{"name": stage, "lag": lags.get(stage)} for stage in STAGES],
            **counts,
            "champion": watched and {"name": self._champion.name, "version": watched.version, "since": since},
            "challenger": challenger and {"name": self._champion.name, "version": challenger, "since": None},
            "instances": [
                {"instance": each.instance, "version": each.current_version, "since": each.raised_at}
                for each in changes
            ],
        }

    async def _counts(self, now: datetime) -> dict[str, float | None]:
        asked = {
            "minute": now - timedelta(minutes=1),
            "hour": now - timedelta(hours=1),
            "day": now - timedelta(days=1),
        }
        try:
            with storage_errors():
                async with self._database.connect() as connection:
                    row = (await connection.execute(_COUNTS, asked)).one()
        except UnavailableError:
            return dict.fromkeys(("throughput", "dead_letters", "dead_letters_last_hour"))
        return {
            "throughput": row.decisions / 60,
            "dead_letters": row.dead_letters,
            "dead_letters_last_hour": row.dead_letters_last_hour,
        }

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
        await admin.start()
        await consumer.start()
        try:
            committed = {
                stage: await admin.list_consumer_group_offsets(f"octroi-{stage}") for stage in STAGES
            }
            targets = {target for offsets in committed.values() for target in offsets}
            ends = await consumer.end_offsets(list(targets)) if targets else {}
        finally:
            await consumer.stop()
            await admin.close()
        return {
            stage: sum(
                max(ends[target] - MARKERS - max(told.offset, 0), 0) for target, told in offsets.items()
            )
            for stage, offsets in committed.items()
            if offsets
        }
