"""The feature service: `python -m services.feature`."""

import asyncio
import sys
from datetime import UTC, datetime

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.feature.announcement import announce
from services.feature.handler import FeatureHandler
from services.feature.metrics import count_unknown
from services.kit.environment import exit_code_of
from services.kit.service import StreamService
from services.scorecard.standard import standard_catalogue


def main() -> int:
    """Wire the service, run it and return its exit code."""
    service = StreamService("feature", DEAD_LETTERS.name)
    catalogue = standard_catalogue()
    handler = FeatureHandler(
        catalogue, now=lambda: datetime.now(UTC), count_unknown=count_unknown(service.registry)
    )

    async def announcement(stop: asyncio.Event) -> None:
        await announce(catalogue.described(), service.kafka, service.stream, stop)

    return service.run([APPLICATIONS.name], handler, service.transactions, announcement=announcement)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
