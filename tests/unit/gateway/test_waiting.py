from asyncio import Event
from collections.abc import Callable

import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from tests.unit.gateway.fakes import FakeGateway, arrived
from tests.unit.gateway.states import known_state

RECEIVED = known_state("a-1", SMALLEST_APPLICATION)


async def test_the_ledger_is_not_asked_while_decisions_are_read(gateway: FakeGateway) -> None:
    waiting = gateway.parts.submissions.waiting
    with waiting.expect("a-1") as expectation:
        state = await waiting.decided(RECEIVED, expectation, wait=0.02)
    assert state.state == "received"
    assert gateway.states.looks == 0


@pytest.mark.parametrize(
    ("first", "then"), [(Event.set, Event.clear), (Event.clear, Event.set)], ids=["ends", "begins"]
)
async def test_the_ledger_is_asked_once_where_a_decision_may_have_been_missed(
    gateway: FakeGateway, first: Callable[[Event], None], then: Callable[[Event], None]
) -> None:
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, decide=True))
    first(gateway.arrivals.reading)
    waiting = gateway.parts.submissions.waiting
    with waiting.expect("a-1") as expectation:
        then(gateway.arrivals.reading)
        state = await waiting.decided(RECEIVED, expectation, wait=0.02)
    assert state.decision is not None
    assert gateway.states.looks == 1


@pytest.mark.parametrize("trouble", ["away", "at_fault"])
async def test_with_the_ledger_away_too_the_application_stays_received(
    gateway: FakeGateway, trouble: str
) -> None:
    gateway.arrivals.reading.clear()
    setattr(gateway.states, trouble, True)
    waiting = gateway.parts.submissions.waiting
    with waiting.expect("a-1") as expectation:
        state = await waiting.decided(RECEIVED, expectation, wait=0.02)
    assert state == RECEIVED


async def test_a_decision_in_time_is_counted(gateway: FakeGateway) -> None:
    waiting = gateway.parts.submissions.waiting
    with waiting.expect("a-1") as expectation:
        gateway.arrivals.put(b"a-1", arrived("a-1"))
        state = await waiting.decided(RECEIVED, expectation, wait=60)
    assert state.decision is not None
    assert gateway.registry.get_sample_value("octroi_decisions_awaited_total", {"in_time": "yes"}) == 1
