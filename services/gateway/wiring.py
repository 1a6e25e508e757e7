"""The parts of the gateway, put together and run."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial

from prometheus_client import CollectorRegistry

from services.contracts.topics import DECISIONS, TRIAL_DECISIONS, Topic
from services.gateway.application import create_application
from services.gateway.arrivals import Arrivals
from services.gateway.batch_recall import Recall
from services.gateway.batch_store import BatchStore
from services.gateway.batch_work import SentBefore
from services.gateway.dry_run import Trials
from services.gateway.parts import Parts, put_together
from services.gateway.publishing import ReconnectingPublisher
from services.gateway.settings import GatewaySettings
from services.gateway.states import LedgerStates
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.environment import read
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_ring import KeyRing
from services.kit.lifecycle import together
from services.kit.probes import Check, serve_http
from services.kit.records import Record
from services.kit.service import Work
from services.kit.settings import ServiceSettings
from services.kit.stream_settings import StreamSettings
from services.kit.transport import Following, KafkaTransport, Transport


@dataclass(frozen=True)
class Gateway:
    """The gateway's settings, read from the environment when it is made."""

    settings: GatewaySettings = field(default_factory=partial(read, GatewaySettings))
    service: ServiceSettings = field(default_factory=partial(read, ServiceSettings))
    kafka: KafkaSettings = field(default_factory=partial(read, KafkaSettings))
    stream: StreamSettings = field(default_factory=partial(read, StreamSettings))
    database: DatabaseSettings = field(default_factory=partial(read, DatabaseSettings))
    given_transport: Transport | None = None
    """Instead of Kafka."""
    sent_before: SentBefore | None = None
    """What it had sent of a batch file before; asked of Kafka without it."""
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    beside: Sequence[Work] = ()
    """Services in the same process, for whom its probes answer too."""

    @cached_property
    def transport(self) -> Transport:
        """Ways to read and write topics."""
        return self.given_transport or KafkaTransport(self.kafka, self.stream)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`; requests in flight are finished before the connection to Kafka is closed.

        Raises FatalError where it cannot go on.
        """
        arrivals = Arrivals(remembered=self.settings.remembered)
        decisions = self._follower(DECISIONS, arrivals.take, arrivals.reading)
        publisher = self._publisher()
        database = Database(self.database)
        parts = self._parts(database, publisher, arrivals, decisions)
        # Not part of readiness: applications can be accepted and decided while no trial can.
        answers = self._follower(TRIAL_DECISIONS, parts.trials.take, parts.trials.reading)
        served = asyncio.Event()

        async def follow() -> None:
            try:
                await decisions.run(stop)
            finally:
                arrivals.close()

        async def serve() -> None:
            await self._serve(parts, stop)
            served.set()

        try:
            await together(
                stop,
                serving=serve(),
                decisions=follow(),
                answers=answers.run(stop),
                publisher=publisher.run(served),
            )
        finally:
            await database.close()

    def _parts(
        self,
        database: Database,
        publisher: ReconnectingPublisher,
        arrivals: Arrivals,
        decisions: Following,
    ) -> Parts:
        """Put the parts together. Raises KeyFileError."""
        within = self.settings.trial_within.total_seconds()
        return put_together(
            self.settings,
            keys=KeyRing(self.settings.api_keys_file),
            publisher=publisher,
            arrivals=arrivals,
            trials=Trials(publisher, within=within, now=lambda: datetime.now(UTC)),
            states=LedgerStates(database),
            sent=self.sent_before or Recall(self.kafka).sent,
            store=BatchStore(database, within=self.settings.store_within.total_seconds()),
            registry=self.registry,
            not_alive=lambda: self._troubles(work.not_alive for work in self.beside),
            not_ready=lambda: [
                *publisher.not_ready(),
                *decisions.not_ready(),
                *self._troubles(work.not_ready for work in self.beside),
            ],
        )

    async def _serve(self, parts: Parts, stop: asyncio.Event) -> None:
        """Do all that publishes; the connection to Kafka outlasts it."""
        http = serve_http(
            create_application(parts), host=self.service.host, port=self.settings.port, stop=stop
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(http, name="http")
            group.create_task(parts.work.run(stop), name="batches")

    @staticmethod
    def _troubles(checks: Iterable[Check]) -> list[str]:
        return [trouble for check in checks for trouble in check()]

    def _follower(self, topic: Topic, take: Callable[[Record], None], reading: asyncio.Event) -> Following:
        return self.transport.follow(topic.name, take, start="latest", reading=reading)

    def _publisher(self) -> ReconnectingPublisher:
        return ReconnectingPublisher(
            lambda: self.transport.publisher(self.settings.publish_within),
            retry_first=self.stream.retry_first,
            retry_longest=self.stream.retry_longest,
        )
