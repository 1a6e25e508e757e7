"""What is known of an application: in the ledger, or in this process before the ledger has it."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.contracts.events import ApplicationDecided
from services.contracts.wire import wire_form
from services.gateway.arrivals import Arrivals
from services.gateway.resources import Decision
from services.gateway.states import ApplicationState, States
from services.kit.errors import UnavailableError


class Accepted:
    """The applications that this process accepted last: so many, and so many bytes of them."""

    def __init__(self, *, remembered: int, most_bytes: int) -> None:
        self._remembered = remembered
        self._most_bytes = most_bytes
        self._states: OrderedDict[str, ApplicationState] = OrderedDict()
        self._bytes = 0

    def add(self, state: ApplicationState) -> None:
        """Remember an application that Kafka has, and forget the oldest."""
        if (former := self._states.pop(state.application_id, None)) is not None:
            self._bytes -= len(former.event)
        self._states[state.application_id] = state
        self._bytes += len(state.event)
        while len(self._states) > self._remembered or self._bytes > self._most_bytes:
            self._bytes -= len(self._states.popitem(last=False)[1].event)

    def find(self, application_id: str) -> ApplicationState | None:
        """Return the application as it was accepted, if it is remembered."""
        return self._states.get(application_id)


class Lookup:
    """Looks in the ledger, and fills the moment that the ledger is behind from memory."""

    def __init__(self, states: States, accepted: Accepted, arrivals: Arrivals) -> None:
        self._states = states
        self._accepted = accepted
        self._arrivals = arrivals

    async def find(self, application_id: str, *, within: float) -> ApplicationState | None:
        """Return what is known. Raises UnavailableError when only the ledger could know, and it is away."""
        return (await self.find_all([application_id], within=within)).get(application_id)

    async def find_all(
        self, application_ids: Sequence[str], *, within: float
    ) -> Mapping[str, ApplicationState]:
        """Return what is known of several applications, by id. Raises UnavailableError as `find` does."""
        here = self.remembered(application_ids)
        open_ids = [each for each in application_ids if each not in here or here[each].decision is None]
        if not open_ids:
            return here
        try:
            recorded = await self._states.find(open_ids, within=within)
        except UnavailableError:
            if len(here) < len(application_ids):
                raise
            return here
        return here | {name: self._overlaid(state) for name, state in recorded.items()}

    def remembered(self, application_ids: Sequence[str]) -> dict[str, ApplicationState]:
        """Return what this process knows of several applications by itself, by id."""
        return {
            application_id: self._overlaid(state)
            for application_id in application_ids
            if (state := self._accepted.find(application_id))
        }

    def _overlaid(self, state: ApplicationState) -> ApplicationState:
        if state.decision is not None:
            return state
        decided = self._arrivals.latest(state.application_id)
        return with_decision(state, decided) if decided else state


def with_decision(state: ApplicationState, event: ApplicationDecided) -> ApplicationState:
    """Return the state after `event`."""
    decision = wire_form(Decision)(**{name: getattr(event, name) for name in Decision.model_fields})
    return replace(state, state="decided", decision=decision, failure=None)
