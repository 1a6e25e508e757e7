"""The parts of the scoring service, put together."""

import asyncio
from datetime import UTC, datetime

from services.contracts.topics import CATALOGUES
from services.kit.environment import SettingsError, read
from services.kit.service import StreamService, Work
from services.scorecard.standard import standard_catalogue
from services.scoring.binding import Bindings
from services.scoring.catalogues import Catalogues
from services.scoring.handler import ScoringHandler
from services.scoring.models import model_keeper
from services.scoring.settings import RegistrySettings
from services.scoring.trials import Trials
from services.scoring.watch import Watch


def wire(service: StreamService) -> Work:
    """Return the service's work, with the models that there are now. Raises SettingsError, FatalError."""
    settings = read(RegistrySettings)
    own = standard_catalogue()
    keeper = model_keeper(settings, own)
    keeper.refresh()
    if settings.bundle and keeper.current.champion is None:
        reasons = ", ".join(refusal.reason for refusal in keeper.refusals()) or "cannot be read"
        raise SettingsError(f"OCTROI_BUNDLE: {settings.bundle}: {reasons}")
    watch, catalogues = Watch(service.service.instance), Catalogues(own)
    descriptions = service.transport.follow(
        CATALOGUES.name, catalogues.take, start="earliest", reading=asyncio.Event()
    )
    bindings = Bindings(catalogues, watch.features_missing)
    trials = Trials(own, bindings, now=lambda: datetime.now(UTC))
    handler = ScoringHandler(lambda: keeper.current, bindings, trials, now=lambda: datetime.now(UTC))

    async def models(stop: asyncio.Event) -> None:
        await watch.follow_registry(keeper, settings.poll_every, stop)

    async def alerts(stop: asyncio.Event) -> None:
        await watch.publish_alerts(service.transport, service.stream.poll_wait, stop)

    return service.stage(
        handler.topics,
        handler,
        models=models,
        alerts=alerts,
        descriptions=descriptions.run,
    )
