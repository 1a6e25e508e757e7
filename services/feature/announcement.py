"""Tells readers what this service's vectors mean."""

import asyncio

import structlog

from services.contracts.catalogue import CatalogueDescribed
from services.contracts.codec import encode
from services.contracts.topics import CATALOGUES
from services.kit.records import Message
from services.kit.transport import Transport

log = structlog.stdlib.get_logger("feature")


async def announce(described: CatalogueDescribed, transport: Transport, stop: asyncio.Event) -> None:
    """Publish the catalogue at every start, for the topic is compacted, and return at `stop`."""
    encoded = encode(described, event_id=described.catalogue_version, source="octroi/feature")
    message = Message(CATALOGUES.name, *encoded)
    await transport.publish_for_sure(message, stop)
    log.info("catalogue_announced", version=described.catalogue_version)
    await stop.wait()
