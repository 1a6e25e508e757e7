"""The scoring service: `python -m services.scoring`."""

import asyncio
import sys
from datetime import UTC, datetime

from services.contracts.topics import CATALOGUES, DEAD_LETTERS
from services.kit.environment import exit_code_of, read
from services.kit.follower import Follower
from services.kit.logs import configure_logs
from services.kit.service import StreamService
from services.scorecard.standard import standard_catalogue
from services.scoring.binding import Bindings
from services.scoring.catalogues import Catalogues
from services.scoring.handler import ScoringHandler
from services.scoring.models import model_keeper
from services.scoring.settings import RegistrySettings
from services.scoring.trials import Trials
from services.scoring.watch import Watch


def main() -> int:
    """Wire the service, run it and return its exit code."""
    service, settings = StreamService("scoring", DEAD_LETTERS.name), read(RegistrySettings)
    configure_logs(service.name, service.service)
    own = standard_catalogue()
    keeper = model_keeper(settings, own)
    keeper.refresh()
    watch, catalogues = Watch(service.service.instance), Catalogues(own)
    descriptions = Follower(
        CATALOGUES.name,
        catalogues.take,
        service.kafka,
        service.stream,
        start="earliest",
        reading=asyncio.Event(),
    )
    bindings = Bindings(catalogues, watch.features_missing)
    trials = Trials(own, bindings, now=lambda: datetime.now(UTC))
    handler = ScoringHandler(lambda: keeper.current, bindings, trials, now=lambda: datetime.now(UTC))

    async def models(stop: asyncio.Event) -> None:
        await watch.follow_registry(keeper, settings.poll_every, stop)

    async def alerts(stop: asyncio.Event) -> None:
        await watch.publish_alerts(service.kafka, service.stream, stop)

    return service.run(
        handler.topics,
        handler,
        service.transactions,
        models=models,
        alerts=alerts,
        descriptions=descriptions.run,
    )


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
