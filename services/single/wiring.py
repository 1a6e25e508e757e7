"""Gateway, feature, scoring and ledger in one event loop, over a broker in memory."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.feature.wiring import wire as wire_feature
from services.gateway.wiring import Gateway
from services.kit.environment import read
from services.kit.lifecycle import together
from services.kit.memory import MemoryBroker
from services.kit.memory_transport import MemoryTransport
from services.kit.service import StreamService, Work
from services.kit.settings import ServiceSettings
from services.kit.stream_settings import StreamSettings
from services.ledger.settings import LedgerStreamSettings
from services.ledger.wiring import wire as wire_ledger
from services.scoring.wiring import wire as wire_scoring
from services.single.metrics import Side
from services.single.settings import SingleSettings

PLAINLY: Final = (
    "one process without Kafka: of events nothing survives a restart but what is in PostgreSQL; no second "
    "process, no replay, no monitoring"
)
FINISHING: Final = 0.5
"""Share of the grace that is given to what was accepted; the rest is for requests in flight."""
log = structlog.stdlib.get_logger("single")


class Single:
    """All services that decide. Making it raises SettingsError and FatalError for what cannot be used."""

    def __init__(self, settings: SingleSettings, service: ServiceSettings) -> None:
        stream, ledger_stream = read(StreamSettings), read(LedgerStreamSettings)
        self._grace = service.grace
        self._broker = MemoryBroker(partitions=1, forgets=True)
        self._transport = MemoryTransport(self._broker, stream, settings.most_held)

        def named(name: str, own: StreamSettings = stream) -> StreamService:
            return StreamService(
                name, DEAD_LETTERS.name, service=service, stream=own, given_transport=self._transport
            )

        # The catalogue's reader comes before the catalogue is told.
        self._works = (
            wire_ledger(named("ledger", ledger_stream)),
            wire_scoring(named("scoring")),
            wire_feature(named("feature")),
        )
        self._gateway = Gateway(
            service=service,
            stream=stream,
            given_transport=self._transport,
            sent_before=self._sent,
            registry=_registry(self._works),
            beside=self._works,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`; then take nothing more, finish what was accepted, and end."""
        log.warning("single_mode", note=PLAINLY)
        finished = asyncio.Event()
        tasks = {f"{work.name}_{name}": task for work in self._works for name, task in work.tasks.items()}

        async def serve(ended: asyncio.Event) -> None:
            del ended
            await self._gateway.run(stop)
            await self._finish()

        async def halt(ended: asyncio.Event) -> None:
            """Let the gateway end too where a stage does."""
            await ended.wait()
            stop.set()

        await together(
            finished,
            gateway=serve(finished),
            halt=halt(finished),
            **{name: task(finished) for name, task in tasks.items()},
        )

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(self._grace.total_seconds() * FINISHING):
                await self._broker.done()
        except TimeoutError:
            log.error("accepted_but_not_decided", bytes=self._broker.held)  # noqa: TRY400

    async def _sent(self, names: Collection[str], *, first: datetime, last: datetime) -> frozenset[str]:
        """Return which applications of a batch file wait here already; of another process none does."""
        del first, last
        known = await self._transport.known(APPLICATIONS.name, [name.encode() for name in names])
        return frozenset(key.decode() for key in known)


def _registry(works: Collection[Work]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Side({work.name: work.registry for work in works}))
    return registry
