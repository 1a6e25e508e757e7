"""Counts what was sent and what came back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from services.contracts.events import ApplicationDecided


@dataclass(frozen=True, slots=True)
class Summary:
    """A replay in figures. Times run from handing in to the decision."""

    sent: int
    decided: int
    lost: int
    twice: int
    outcomes: dict[str, int]
    seconds: float
    median: timedelta | None
    slowest_percent: timedelta | None

    @property
    def flawless(self) -> bool:
        """Whether every application was decided once."""
        return self.sent > 0 and self.lost == 0 and self.twice == 0


@dataclass(slots=True)
class Tally:
    """What is known of a replay while it runs, by application id."""

    sent: set[str] = field(default_factory=set)
    decisions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    waits: list[timedelta] = field(default_factory=list)

    def decided(self, event: ApplicationDecided) -> None:
        """Count a decision."""
        self.decisions[event.application_id] += 1
        self.outcomes[event.outcome] += 1
        self.waits.append(event.decided_at - event.submitted_at)

    @property
    def missing(self) -> int:
        """How many applications wait for a decision."""
        return len(self.sent - self.decisions.keys())

    def summary(self, seconds: float) -> Summary:
        """Return the figures after `seconds`."""
        waits = sorted(self.waits)
        return Summary(
            sent=len(self.sent),
            decided=len(self.decisions),
            lost=self.missing,
            twice=sum(count > 1 for count in self.decisions.values()),
            outcomes=dict(self.outcomes),
            seconds=seconds,
            median=_quantile(waits, 0.5),
            slowest_percent=_quantile(waits, 0.99),
        )


def _quantile(ordered: list[timedelta], share: float) -> timedelta | None:
    """Return the least value that at least `share` of the values do not pass (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
