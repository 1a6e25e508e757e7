"""What the application is made of: put together once, and at hand in every request."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry
from starlette.requests import Request

from services.gateway.access import ADDRESS, RateLimit
from services.gateway.arrivals import Arrivals
from services.gateway.batch import Batches
from services.gateway.batch_claims import Claims
from services.gateway.batch_intake import Intake
from services.gateway.batch_store import BatchStore
from services.gateway.batch_work import BatchWork, Pace, SentBefore
from services.gateway.dry_run import Trials
from services.gateway.lookup import Accepted, Lookup
from services.gateway.metrics import GatewayMetrics
from services.gateway.settings import GatewaySettings
from services.gateway.states import States
from services.gateway.submissions import Submissions
from services.gateway.waiting import Waiting
from services.kit.key_ring import KeyRing
from services.kit.probes import Check
from services.kit.transport import Publishing

MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the gateway."""

    settings: GatewaySettings
    keys: KeyRing
    rate: RateLimit
    refused: RateLimit
    submissions: Submissions
    batches: Batches
    trials: Trials
    store: BatchStore
    intake: Intake
    work: BatchWork
    lookup: Lookup
    states: States
    arrivals: Arrivals
    metrics: GatewayMetrics
    registry: CollectorRegistry
    not_ready: Check
    not_alive: Check


def put_together(
    settings: GatewaySettings,
    *,
    keys: KeyRing,
    publisher: Publishing,
    arrivals: Arrivals,
    trials: Trials,
    states: States,
    store: BatchStore,
    sent: SentBefore,
    registry: CollectorRegistry,
    not_ready: Check,
    not_alive: Check,
) -> Parts:
    """Return the parts around those that speak to the world."""
    metrics = GatewayMetrics(registry)
    metrics.watch_waiters(arrivals.waiting)
    accepted = Accepted(remembered=settings.remembered, most_bytes=settings.remembered_bytes)
    lookup = Lookup(states, accepted, arrivals)
    waiting = Waiting(arrivals, lookup, metrics, settings.lookup_within.total_seconds())
    retry_after = int(settings.retry_after.total_seconds())
    submissions = Submissions(publisher, accepted, waiting, metrics, lambda: datetime.now(UTC), retry_after)
    batches = Batches(submissions)
    work = BatchWork(Claims(store), batches, sent, metrics, _pace(settings))
    return Parts(
        settings=settings,
        keys=keys,
        rate=RateLimit(settings.requests_per_second * settings.burst_seconds, settings.burst_seconds),
        refused=RateLimit(settings.refused_per_minute, MINUTE, ADDRESS),
        submissions=submissions,
        batches=batches,
        store=store,
        intake=Intake(store, not_ready, work.came_in),
        work=work,
        trials=trials,
        lookup=lookup,
        states=states,
        arrivals=arrivals,
        metrics=metrics,
        registry=registry,
        not_ready=not_ready,
        not_alive=not_alive,
    )


def _pace(settings: GatewaySettings) -> Pace:
    return Pace(
        settings.batch_in_flight,
        settings.batch_check_every,
        settings.batch_look_every,
        settings.retry_after,
    )


def parts_of(request: Request) -> Parts:
    """Return the parts of the application that serves `request`."""
    parts: Parts = request.app.state.parts
    return parts
