"""How far a batch is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.ui.answers import Batch

LEAST_SECONDS: Final = 0.2
"""A rate over less tells nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts, and what follows from them."""

    expected: int
    """Rows that get a decision."""
    decided: int
    rate: float | None
    """Decisions a second."""
    left: timedelta | None
    """Until the last one; None where that cannot be told."""
    took: timedelta

    @property
    def share(self) -> float:
        """How much is done."""
        return 1.0 if not self.expected else min(1.0, self.decided / self.expected)


def progress(batch: Batch, now: datetime) -> Progress:
    """Return how far a batch is at a moment."""
    expected = batch.rows - batch.invalid
    took = (batch.finished_at or now) - batch.created_at
    seconds = took.total_seconds()
    rate = batch.decided / seconds if batch.decided and seconds > LEAST_SECONDS else None
    waiting = max(0, expected - batch.decided)
    left = timedelta(seconds=waiting / rate) if rate and batch.state == "running" else None
    return Progress(expected, batch.decided, rate, left, took)
