"""Which alerts are pending and firing: a pure machine that is turned at each tick.

The caller keeps the new state only after the alert book has the transitions; if that fails, the next tick
starts from the old state and finds the same transitions again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from services.monitoring.alert_rules import AlertRule
from services.monitoring.measurements import Measurements


class Key(NamedTuple):
    """Of one rule on one subject at most one alert fires at a time."""

    rule: str
    subject: str


class Condition(NamedTuple):
    """Where a rule stands on a subject."""

    raised_at: datetime | None = None
    """Since when its alert is firing; None where it is not."""
    ticks: int = 0
    """Ticks in a row that spoke for a change: to raise the alert or, while it is firing, to clear it."""


State = Mapping[Key, Condition]
"""Conditions that are not as at the beginning."""
RESTING: Final = Condition()


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert begins."""

    rule: AlertRule
    subject: str
    value: float
    raised_at: datetime

    @property
    def key(self) -> Key:
        """Rule and subject."""
        return Key(self.rule.name, self.subject)

    @property
    def alert_id(self) -> str:
        """The same for the same alert, whoever asks and whenever."""
        return alert_id(self.key, self.raised_at)


@dataclass(frozen=True, slots=True)
class Cleared:
    """An alert ends."""

    key: Key
    raised_at: datetime
    cleared_at: datetime
    rule: AlertRule | None = None
    """None, as is the value, where the alert ends because nobody looks any more; see `retired`."""
    value: float | None = None

    @property
    def alert_id(self) -> str:
        """That of the alert which ends."""
        return alert_id(self.key, self.raised_at)


Transition = Raised | Cleared


def alert_id(key: Key, raised_at: datetime) -> str:
    """Return an alert's id: a UUID of version 5."""
    moment = raised_at.astimezone(UTC).isoformat()
    return str(uuid5(NAMESPACE_URL, f"octroi:alert:{key.rule}:{key.subject}:{moment}"))


def resumed(firing: Iterable[tuple[Key, datetime]]) -> State:
    """Return the state after a restart, from what is firing and since when; pending ticks count anew."""
    return {key: Condition(raised_at) for key, raised_at in firing}


def joined(state: State, firing: State) -> State:
    """Return the state in which fires what the book says, with the ticks counted here where both agree.

    Another instance may have ticked in between, and have raised alerts or cleared them.
    """
    agreed = {
        key: condition
        for key, condition in state.items()
        if condition.raised_at == firing.get(key, RESTING).raised_at
    }
    return {**firing, **agreed}


def step(
    state: State, measurements: Measurements, rules: Iterable[AlertRule], at: datetime
) -> tuple[State, tuple[Transition, ...]]:
    """Return the state after a tick, and what changed.

    `rules` are those of the window that was measured; what other rules stand at stays. A value that is not
    known, or not finite, changes nothing.
    """
    after, transitions = dict(state), list[Transition]()
    for rule in rules:
        for measure, value in measurements.items():
            if measure.metric != rule.metric or value is None or not isfinite(value):
                continue
            key = Key(rule.name, measure.subject)
            condition, transition = _turned(after.pop(key, RESTING), rule, key, value, at)
            if condition != RESTING:
                after[key] = condition
            if transition is not None:
                transitions.append(transition)
    return after, tuple(transitions)


def retired(
    state: State, rules: Iterable[AlertRule], features: Collection[str], at: datetime
) -> tuple[State, tuple[Cleared, ...]]:
    """End alerts whose rule is not in force any more, or whose feature the champion does not monitor.

    For after a start and after a change of champion: nothing would ever be measured that clears them.
    """
    in_force = {rule.name: rule.metric.startswith("feature.") for rule in rules}
    kept = {
        key: condition
        for key, condition in state.items()
        if key.rule in in_force and (not in_force[key.rule] or key.subject in features)
    }
    gone = [
        Cleared(key, condition.raised_at, at)
        for key, condition in state.items()
        if key not in kept and condition.raised_at is not None
    ]
    return kept, tuple(gone)


def _turned(
    condition: Condition, rule: AlertRule, key: Key, value: float, at: datetime
) -> tuple[Condition, Transition | None]:
    raised_at = condition.raised_at
    towards = rule.holds(value) if raised_at is None else rule.calm(value)
    ticks = condition.ticks + 1 if towards else 0
    if ticks < rule.ticks:
        return Condition(raised_at, ticks), None
    if raised_at is None:
        return Condition(at), Raised(rule, key.subject, value, at)
    return RESTING, Cleared(key, raised_at, at, rule, value)
