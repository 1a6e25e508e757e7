"""Beside the stage: follows the registry's aliases and tells operators what changed."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from services.contracts.alerts import Alert, ChampionChanged, DecisionsHeld
from services.kit.pause import pause
from services.kit.producer import publish_for_sure
from services.kit.settings import KafkaSettings, StreamSettings
from services.scorecard.compatibility import FeatureMissing
from services.scoring.messages import alert_message
from services.scoring.models import LoadedModel, ModelKeeper

log = structlog.stdlib.get_logger("watch")


class Watch:
    """Raises a scoring instance's alerts and keeps its models up to date."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._alerts: asyncio.Queue[Alert] = asyncio.Queue()

    def features_missing(self, loaded: LoadedModel, catalogue_version: str, error: FeatureMissing) -> None:
        """Say which features keep a model from deciding; a challenger's lack holds nobody up."""
        if loaded.identity.role == "challenger":
            log.warning("challenger_has_no_opinion", version=loaded.identity.version, error=str(error))
            return
        self._alerts.put_nowait(
            DecisionsHeld(
                alert_id=str(uuid4()),
                raised_at=datetime.now(UTC),
                model_name=loaded.identity.name,
                model_version=loaded.identity.version,
                catalogue_version=catalogue_version,
                features=error.absent + error.redefined,
                instance=self._instance,
            )
        )

    async def follow_registry(self, keeper: ModelKeeper, every: timedelta, stop: asyncio.Event) -> None:
        """Look the aliases up again and again until `stop`, and say when the champion changed."""
        told: str | None = None
        while not stop.is_set():
            await asyncio.to_thread(keeper.refresh)
            champion = keeper.current.champion
            if champion is not None and champion.identity.version != told:
                self._alerts.put_nowait(
                    ChampionChanged(
                        alert_id=str(uuid4()),
                        raised_at=datetime.now(UTC),
                        model_name=champion.identity.name,
                        previous_version=told,
                        current_version=champion.identity.version,
                        instance=self._instance,
                    )
                )
                told = champion.identity.version
            await pause(every, stop)

    async def publish_alerts(self, kafka: KafkaSettings, stream: StreamSettings, stop: asyncio.Event) -> None:
        """Send alerts as they are raised, until `stop`."""
        while not stop.is_set():
            with suppress(TimeoutError):
                alert = await asyncio.wait_for(self._alerts.get(), stream.poll_wait.total_seconds())
                await publish_for_sure(alert_message(alert), kafka, stream, stop)
