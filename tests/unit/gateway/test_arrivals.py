import asyncio

import pytest

from services.gateway.arrivals import Arrivals, Arrived
from tests.unit.gateway.fakes import arrived


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals(remembered=2)


async def test_all_who_wait_get_the_decision(arrivals: Arrivals) -> None:
    with arrivals.expect("a-1") as first, arrivals.expect("a-1") as second, arrivals.expect("a-2") as other:
        assert arrivals.waiting() == 3
        arrivals.put(b"a-1", arrived("a-1"))
        for expectation in (first, second):
            decision = await expectation.decision(within=10)
            assert decision is not None
            assert decision.application_id == "a-1"
        assert await other.decision(within=0) is None
    assert arrivals.waiting() == 0


async def test_a_decision_that_came_before_is_there_at_once(arrivals: Arrivals) -> None:
    arrivals.put(b"a-1", arrived("a-1"))
    with arrivals.expect("a-1") as expectation:
        assert await expectation.decision(within=0) is not None


async def test_the_first_decision_counts(arrivals: Arrivals) -> None:
    arrivals.put(b"a-1", arrived("a-1", score=700))
    arrivals.put(b"a-1", arrived("a-1", score=500))
    latest = arrivals.latest("a-1")
    assert latest is not None
    assert latest.score == 700


async def test_the_oldest_is_forgotten(arrivals: Arrivals) -> None:
    for name in ("a-1", "a-2", "a-3"):
        arrivals.put(name.encode(), arrived(name))
    assert arrivals.latest("a-1") is None
    assert arrivals.latest("a-3") is not None


@pytest.mark.parametrize("value", [None, b"", b"{}", b"not JSON"])
async def test_a_record_that_is_no_decision_is_passed_over(arrivals: Arrivals, value: bytes | None) -> None:
    with arrivals.expect("a-1") as expectation:
        arrivals.put(None, Arrived(value, ()))
        assert not expectation.arrived.done()
        arrivals.put(b"a-1", Arrived(value, ()))
        assert await expectation.decision(within=10) is None


async def test_closing_lets_everybody_go(arrivals: Arrivals) -> None:
    with arrivals.expect("a-1") as expectation:
        waiting = asyncio.create_task(expectation.decision(within=60))
        arrivals.close()
        assert await waiting is None
    with arrivals.expect("a-2") as late:
        assert await late.decision(within=60) is None


async def test_a_wait_is_sure_when_decisions_are_read_as_it_begins(arrivals: Arrivals) -> None:
    with arrivals.expect("a-1") as unsure:
        arrivals.reading.set()
        with arrivals.expect("a-1") as sure:
            assert (unsure.sure, sure.sure) == (False, True)


async def test_an_unreadable_decision_does_not_end_the_next_wait(arrivals: Arrivals) -> None:
    with arrivals.expect("a-1") as expectation:
        arrivals.put(b"a-1", Arrived(b"{}", ()))
        assert await expectation.decision(within=10) is None
        assert not expectation.arrived.done()
