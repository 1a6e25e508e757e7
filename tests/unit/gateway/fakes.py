"""The gateway's parts that speak to the world, in memory, with the real parts' promises."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.contracts.codec import encode
from services.contracts.events import ApplicationDecided
from services.contracts.examples import EXAMPLES
from services.contracts.trials import TrialDecided, TrialResult
from services.gateway.application import create_application
from services.gateway.arrivals import Arrivals, Arrived
from services.gateway.batch_recall import Recall
from services.gateway.batch_store import BatchStore
from services.gateway.dry_run import Trials
from services.gateway.parts import put_together
from services.gateway.queries import Listing
from services.gateway.resources import ApplicationSummary, links
from services.gateway.settings import GatewaySettings
from services.gateway.states import ApplicationState
from services.gateway.storage import StatementError
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_ring import KeyRing
from services.kit.records import Message, Partition, Record

NOWHERE = DatabaseSettings(url=SecretStr("postgresql://octroi:none@127.0.0.1:1/octroi"))
"""Batches need the real PostgreSQL: see the integration tests."""


def decided(application_id: str, **changes: object) -> ApplicationDecided:
    example = EXAMPLES["ApplicationDecided.v1"][0]
    return ApplicationDecided.model_validate({**example, "application_id": application_id, **changes})


def arrived(application_id: str, **changes: object) -> Arrived:
    encoded = encode(decided(application_id, **changes), event_id="d-1", source="octroi/scoring")
    return Arrived(encoded.value, encoded.headers)


class FakePublisher:
    """Takes messages and tells who listens, as a stage behind Kafka would."""

    def __init__(self) -> None:
        self.away = False
        self.messages: list[Message] = []
        self.listener: Callable[[str], None] = lambda _: None

    async def publish(self, message: Message) -> None:
        if self.away:
            raise UnavailableError("Kafka is away")
        self.messages.append(message)
        assert message.key is not None
        self.listener(message.key.decode())

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        if self.away:
            raise UnavailableError("Kafka is away")
        told = await asyncio.gather(*map(self.publish, messages), return_exceptions=True)
        return [each is None for each in told]


class SlowPublisher(FakePublisher):
    """Holds what it is given until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 0
        self.go = asyncio.Event()

    async def publish(self, message: Message) -> None:
        self.held += 1
        await self.go.wait()
        await super().publish(message)


class FakeStates:
    """The ledger's view as a list."""

    def __init__(self) -> None:
        self.away = self.at_fault = False
        self.looks = 0
        self.rows: dict[str, ApplicationState] = {}

    def add(self, state: ApplicationState) -> None:
        self.rows[state.application_id] = state

    async def find(self, application_ids: Sequence[str], *, within: float) -> Mapping[str, ApplicationState]:
        self._look(within)
        return {name: self.rows[name] for name in application_ids if name in self.rows}

    async def page(self, listing: Listing, *, within: float) -> Sequence[ApplicationSummary]:
        self._look(within)
        cursor = listing.cursor
        after = (cursor.worth, cursor.application_id) if cursor else None
        newest_first = sorted(self.rows.values(), key=_position, reverse=True)
        found = [row for row in newest_first if listing.channel in (None, row.channel)]
        following = [row for row in found if after is None or _position(row) < after]
        return [_summary(row) for row in following[: listing.limit + 1]]

    def _look(self, within: float) -> None:
        self.looks += 1
        if self.away:
            raise UnavailableError(f"PostgreSQL has not answered within {within} s")
        if self.at_fault:
            raise StatementError("UndefinedFunction")


def _position(state: ApplicationState) -> tuple[Any, str]:
    return state.submitted_at, state.application_id


def _summary(state: ApplicationState) -> ApplicationSummary:
    return ApplicationSummary(
        application_id=state.application_id,
        state=state.state,
        channel=state.channel,
        submitted_at=state.submitted_at,
        links=links(state.application_id),
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, not for a time; a test that hangs fails."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - any condition, also where nobody tells of it
            await asyncio.sleep(0.001)


@dataclass
class FakeGateway:
    """A gateway without a network, and the parts that a test looks at."""

    settings: GatewaySettings
    keys: KeyRing
    publisher: FakePublisher = field(default_factory=FakePublisher)
    states: FakeStates = field(default_factory=FakeStates)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.arrivals = Arrivals(remembered=self.settings.remembered)
        self.arrivals.reading.set()
        self.trials = Trials(self.publisher, within=0.05, now=lambda: datetime.now(UTC))
        self.trials.reading.set()
        self.parts = put_together(
            self.settings,
            keys=self.keys,
            publisher=self.publisher,
            arrivals=self.arrivals,
            trials=self.trials,
            states=self.states,
            sent=Recall(KafkaSettings(bootstrap_servers="127.0.0.1:1")).sent,
            store=BatchStore(Database(NOWHERE), within=1),
            registry=self.registry,
            not_ready=lambda: self.troubles,
            not_alive=list,
        )
        self.application = create_application(self.parts)

    def client(self, key: str | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application),
            base_url="http://gateway",
            headers={"X-API-Key": key} if key else {},
        )

    def answer_trials(self, *results: TrialResult) -> None:
        """Answer every trial with these results."""

        def answer(name: str) -> None:
            event = TrialDecided(trial_id=name, decided_at=datetime.now(UTC), results=results)
            encoded = encode(event, event_id="t-1", source="octroi/scoring")
            partition = Partition("loan.trial-decisions.v1", 0)
            self.trials.take(Record(partition, 0, 0, *encoded))

        self.publisher.listener = answer

    def answer_everything(self) -> None:
        """Decide every application as soon as it is published."""
        self.publisher.listener = lambda name: self.arrivals.put(name.encode(), arrived(name))
