from datetime import timedelta

from services.contracts.events import ApplicationDecided
from services.contracts.examples import EXAMPLES
from services.replay.tally import Tally

DECIDED = ApplicationDecided.model_validate(EXAMPLES["ApplicationDecided.v1"][0])


def decision(application_id: str, milliseconds: int) -> ApplicationDecided:
    later = DECIDED.submitted_at + timedelta(milliseconds=milliseconds)
    return DECIDED.model_copy(update={"application_id": application_id, "decided_at": later})


def test_lost_and_twice_decided_applications_are_told_apart() -> None:
    tally = Tally()
    tally.sent.update({"a", "b", "c"})
    for application_id in ("a", "b", "b"):
        tally.decided(decision(application_id, 10))
    summary = tally.summary(2.0)
    assert (summary.sent, summary.decided, summary.lost, summary.twice) == (3, 2, 1, 1)
    assert not summary.flawless


def test_quantiles_are_values_that_were_measured() -> None:
    tally = Tally()
    for number in range(1, 101):
        tally.sent.add(str(number))
        tally.decided(decision(str(number), number))
    summary = tally.summary(1.0)
    assert summary.median == timedelta(milliseconds=50)
    assert summary.slowest_percent == timedelta(milliseconds=99)
    assert summary.flawless


def test_a_replay_of_nothing_is_not_flawless() -> None:
    assert not Tally().summary(0.0).flawless
