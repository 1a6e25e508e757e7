"""Waiting for a decision: from the topic as it is made, from the ledger where the topic cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from services.gateway.arrivals import Arrivals, Expectation
from services.gateway.lookup import Lookup, with_decision
from services.gateway.metrics import GatewayMetrics
from services.gateway.states import ApplicationState
from services.gateway.storage import StatementError
from services.kit.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits on behalf of a request. Times are in seconds."""

    arrivals: Arrivals
    lookup: Lookup
    metrics: GatewayMetrics
    lookup_within: float

    @contextmanager
    def expect(self, application_id: str) -> Iterator[Expectation]:
        """Begin to wait; before the application is sent, or its decision may come too early to be seen."""
        with self.arrivals.expect(application_id) as expectation:
            yield expectation

    async def decided(
        self, state: ApplicationState, expectation: Expectation, wait: float
    ) -> ApplicationState:
        """Return the state with its decision, or as it is when there is none after `wait`."""
        deadline = monotonic() + wait
        last_look = min(self.lookup_within, wait / 2)
        decision = await expectation.decision(wait - last_look)
        if decision is None and not (expectation.sure and self.arrivals.reading.is_set()):
            state = await self._look(state, deadline - monotonic())
        if decision is None and state.decision is None:
            decision = await expectation.decision(deadline - monotonic())
        if decision is not None:
            state = with_decision(state, decision)
        self.metrics.awaited(in_time=state.decision is not None)
        return state

    async def _look(self, state: ApplicationState, within: float) -> ApplicationState:
        try:
            return await self.lookup.find(state.application_id, within=within) or state
        except (UnavailableError, StatementError):
            # Kafka has the application: that nobody can look is no reason to say that it was not taken.
            return state
