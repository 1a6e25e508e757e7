"""Beside the stage: follows the registry's aliases and tells operators what changed."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from services.contracts.alerts import Alert, ChampionChanged, DecisionsHeld, ModelRefused
from services.kit.pause import pause
from services.kit.transport import Transport
from services.scorecard.compatibility import FeatureMissing
from services.scoring.messages import alert_message
from services.scoring.models import LoadedModel, ModelKeeper
from services.scoring.refusals import Refusal

log = structlog.stdlib.get_logger("watch")


class Watch:
    """Raises a scoring instance's alerts and keeps its models up to date."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        # The handler appends from its thread.
        self._alerts: deque[Alert] = deque()

    def pending(self) -> Sequence[Alert]:
        """Return the alerts that are not sent yet, the oldest first."""
        return tuple(self._alerts)

    def features_missing(self, loaded: LoadedModel, catalogue_version: str, error: FeatureMissing) -> None:
        """Say which features keep a model from deciding; a challenger's lack holds nobody up."""
        if loaded.identity.role == "challenger":
            log.warning("challenger_has_no_opinion", version=loaded.identity.version, error=str(error))
            return
        self._alerts.append(
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
        """Look the aliases up again and again until `stop`; say what changed, and what cannot be used."""
        told: str | None = None
        refused: Sequence[Refusal] = ()
        while not stop.is_set():
            await asyncio.to_thread(keeper.refresh)
            for refusal in keeper.refusals():
                if refusal not in refused:
                    self._alerts.append(self._refused(refusal))
            refused = keeper.refusals()
            champion = keeper.current.champion
            if champion is not None and champion.identity.version != told:
                self._alerts.append(
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

    def _refused(self, refusal: Refusal) -> Alert:
        return ModelRefused(
            alert_id=str(uuid4()),
            raised_at=datetime.now(UTC),
            model_name=refusal.identity.name,
            model_version=refusal.identity.version,
            role=refusal.identity.role,
            reason=refusal.reason,
            instance=self._instance,
        )

    async def publish_alerts(self, transport: Transport, every: timedelta, stop: asyncio.Event) -> None:
        """Send alerts as they are raised, until `stop`."""
        while not stop.is_set():
            while self._alerts:
                await transport.publish_for_sure(alert_message(self._alerts.popleft()), stop)
            await pause(every, stop)
