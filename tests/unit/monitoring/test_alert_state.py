from collections.abc import Sequence
from datetime import timedelta, timezone
from itertools import groupby

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.monitoring.alert_rules import AlertRule
from services.monitoring.alert_state import (
    Cleared,
    Condition,
    Key,
    Raised,
    State,
    Transition,
    alert_id,
    joined,
    resumed,
    retired,
    step,
)
from services.monitoring.measurements import Measure
from tests.unit.monitoring.alert_examples import START, moment, rule

KEY = Key("feature-drift", "AMT_CREDIT")
MEASURE = Measure("feature.distance", "AMT_CREDIT")
VALUES = st.lists(st.sampled_from([None, 0.0, 0.08, 0.09, 0.1, 0.5]) | st.floats(), max_size=40)


def run(
    values: Sequence[float | None], watched: AlertRule, state: State | None = None
) -> tuple[State, list[tuple[int, Transition]]]:
    """Return the state after a tick for each value, and the transitions with their ticks."""
    after, found = state or {}, list[tuple[int, Transition]]()
    for tick, value in enumerate(values):
        after, transitions = step(after, {MEASURE: value}, [watched], moment(tick))
        found += [(tick, transition) for transition in transitions]
    return after, found


def test_an_alert_is_raised_once_and_cleared_once() -> None:
    values = [0.2, 0.2, 0.3, 0.4, 0.09, 0.09, 0.09, 0.02, 0.01, 0.03, 0.02]
    state, found = run(values, rule())
    (raised_tick, raised), (cleared_tick, cleared) = found
    assert (raised_tick, raised.value, cleared_tick, cleared.value) == (2, 0.3, 9, 0.03)
    assert isinstance(raised, Raised)
    assert isinstance(cleared, Cleared)
    assert raised.alert_id == cleared.alert_id
    assert cleared.cleared_at == moment(9)
    assert state == {}


def test_a_value_between_clear_at_and_threshold_starts_the_count_anew() -> None:
    assert run([0.2, 0.2, 0.09, 0.2, 0.2], rule())[1] == []
    assert len(run([0.2, 0.2, 0.2, 0.01, 0.01, 0.09, 0.01, 0.01], rule())[1]) == 1


def test_each_feature_has_an_alert_of_its_own_and_rules_of_other_windows_stay_as_they_are() -> None:
    other = {Key("other", "drifted"): Condition(START, 2)}
    values = {
        Measure("feature.distance", name): value for name, value in (("A", 0.2), ("B", 0.2), ("C", 0.0))
    }
    state, transitions = step(other, values, [rule(**{"for": 1})], START)
    assert [transition.key.subject for transition in transitions] == ["A", "B"]
    assert state == other | {Key("feature-drift", name): Condition(START) for name in ("A", "B")}


def test_a_restart_raises_nothing_twice() -> None:
    state = resumed([(KEY, START)])
    after, found = run([0.2] * 10, rule(), state)
    assert (after, found) == (state, [])
    [(tick, cleared)] = run([0.0] * 5, rule(), state)[1]
    assert (tick, cleared.raised_at) == (2, START)


def test_what_fires_is_what_the_book_says_and_ticks_count_where_both_agree() -> None:
    ours = {
        Key("rule", "agreed"): Condition(START, 2),
        Key("rule", "pending"): Condition(None, 1),
        Key("rule", "cleared elsewhere"): Condition(START, 1),
        Key("rule", "raised anew elsewhere"): Condition(START, 1),
        Key("rule", "raised elsewhere"): Condition(None, 2),
    }
    book = resumed(
        [
            (Key("rule", "agreed"), START),
            (Key("rule", "raised anew elsewhere"), moment(4)),
            (Key("rule", "raised elsewhere"), moment(3)),
        ]
    )
    assert joined(ours, book) == {
        Key("rule", "agreed"): Condition(START, 2),
        Key("rule", "pending"): Condition(None, 1),
        Key("rule", "raised anew elsewhere"): Condition(moment(4)),
        Key("rule", "raised elsewhere"): Condition(moment(3)),
    }
    assert joined({}, book) == book


def test_an_alert_has_the_same_id_in_any_zone_and_another_one_next_time() -> None:
    there = START.astimezone(timezone(timedelta(hours=2)))
    assert alert_id(KEY, there) == alert_id(KEY, START)
    assert alert_id(KEY, moment(1)) != alert_id(KEY, START)
    assert alert_id(Key("feature-drift", "AGE_YEARS"), START) != alert_id(KEY, START)


def test_what_nobody_looks_at_any_more_ends() -> None:
    keys = [KEY, Key("feature-drift", "GONE"), Key("old-rule", "drifted"), Key("many", "drifted")]
    state = dict.fromkeys(keys, Condition(START)) | {Key("feature-drift", "GONE_TOO"): Condition(ticks=1)}
    rules = [rule(), rule(name="many", metric="drifted", threshold=5, clear_at=...)]
    kept, ended = retired(state, rules, ["AMT_CREDIT"], moment(3))
    assert [(each.key, each.cleared_at, each.value, each.rule) for each in ended] == [
        (key, moment(3), None, None) for key in keys[1:3]
    ]
    assert list(kept) == [keys[0], keys[3]]


@pytest.mark.parametrize("state", [{}, {KEY: Condition(START, 1)}, {KEY: Condition(None, 2)}])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_value_that_is_not_known_changes_nothing(state: State, value: float | None) -> None:
    assert step(state, {MEASURE: value}, [rule(**{"for": 1})], moment(1)) == (state, ())
    assert step(state, {}, [rule(**{"for": 1})], moment(1)) == (state, ())


@for_all(VALUES, st.integers(1, 5))
def test_raised_and_cleared_take_turns_and_raised_comes_first(values: list[float | None], ticks: int) -> None:
    state, found = run(values, rule(**{"for": ticks}))
    kinds = [type(transition) for _, transition in found]
    assert kinds == [(Raised, Cleared)[number % 2] for number in range(len(kinds))]
    firing = [key for key, condition in state.items() if condition.raised_at]
    assert firing == [KEY] * (len(kinds) % 2)
    assert all(len(list(same)) <= 2 for _, same in groupby(each.alert_id for _, each in found))


@for_all(VALUES, st.integers(1, 5))
def test_no_alert_changes_in_less_than_its_ticks(values: list[float | None], ticks: int) -> None:
    watched = rule(**{"for": ticks})
    for tick, transition in run(values, watched)[1]:
        known = [value for value in values[: tick + 1] if value is not None and abs(value) < float("inf")]
        assert len(known) >= ticks
        told = watched.holds if isinstance(transition, Raised) else watched.calm
        assert all(told(value) for value in known[-ticks:])


@for_all(VALUES, st.integers(1, 5))
def test_values_that_are_not_known_might_as_well_not_have_come(
    values: list[float | None], ticks: int
) -> None:
    watched = rule(**{"for": ticks})
    known = [value for value in values if value is not None]
    state, found = run(values, watched)
    without, expected = run(known, watched)
    assert [type(each) for _, each in found] == [type(each) for _, each in expected]
    assert [each.value for _, each in found] == [each.value for _, each in expected]
    assert {key: value.ticks for key, value in state.items()} == {
        key: value.ticks for key, value in without.items()
    }


@for_all(VALUES, VALUES)
def test_a_restart_at_any_tick_raises_nothing_that_is_firing(
    before: list[float | None], after: list[float | None]
) -> None:
    state, _ = run(before, rule())
    firing = [(key, condition.raised_at) for key, condition in state.items() if condition.raised_at]
    found = run(after, rule(), resumed(firing))[1]
    kinds = [type(transition) for _, transition in found]
    turns = (Cleared, Raised) if firing else (Raised, Cleared)
    assert kinds == [turns[number % 2] for number in range(len(kinds))]
