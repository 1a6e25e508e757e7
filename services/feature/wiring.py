"""The parts of the feature service, put together."""

import asyncio
from datetime import UTC, datetime

from services.contracts.topics import APPLICATIONS
from services.feature.announcement import announce
from services.feature.handler import FeatureHandler
from services.feature.metrics import count_unknown
from services.kit.service import StreamService, Work
from services.scorecard.standard import standard_catalogue


def wire(service: StreamService) -> Work:
    """Return the service's work."""
    catalogue = standard_catalogue()
    handler = FeatureHandler(
        catalogue, now=lambda: datetime.now(UTC), count_unknown=count_unknown(service.registry)
    )

    async def announcement(stop: asyncio.Event) -> None:
        await announce(catalogue.described(), service.transport, stop)

    return service.stage([APPLICATIONS.name], handler, announcement=announcement)
