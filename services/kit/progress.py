"""How a stage gets on: what liveness and readiness are answered from."""

from collections.abc import Callable, Collection
from datetime import timedelta
from time import monotonic

from services.kit.records import Partition


class Progress:
    """Facts about a stage, written by its loop and read by its probes."""

    def __init__(self, *, turn_within: timedelta, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._turn_within = turn_within.total_seconds()
        self._trouble: str | None = "has not joined its consumer group yet"
        self._held: dict[Partition, str] = {}
        self._last_turn = clock()
        self._waiting_since: float | None = None

    def opened(self) -> None:
        """Note that a session began."""
        self._trouble = None
        self._held.clear()
        self._last_turn = self._clock()
        self._waiting_since = None

    def broken(self, trouble: str) -> None:
        """Note that the session ended; the loop is alive and tries again."""
        self._trouble = trouble
        self._last_turn = self._clock()

    def turned(self, moved: Collection[Partition]) -> None:
        """Note that a turn ended; partitions whose records were done wait no longer."""
        self._last_turn = self._clock()
        for partition in moved:
            self._waiting_since = None
            self._held.pop(partition, None)

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Note which partitions are assigned: one that was held and taken away is another's to hold."""
        self._held = {
            partition: reason for partition, reason in self._held.items() if partition in partitions
        }

    def waiting(self, records: int) -> timedelta:
        """Note how many records wait, and return for how long some have waited without any being done."""
        if not records:
            self._waiting_since = None
            return timedelta()
        if self._waiting_since is None:
            self._waiting_since = self._clock()
        return timedelta(seconds=self._clock() - self._waiting_since)

    def hold(self, partition: Partition, reason: str) -> bool:
        """Note that a partition waits. Return whether this is news."""
        news = self._held.get(partition) != reason
        self._held[partition] = reason
        return news

    def not_alive(self) -> list[str]:
        """Return why the process should be restarted; empty when it is alive."""
        age = self._clock() - self._last_turn
        return [f"no turn of the loop for {age:.0f} s"] if age > self._turn_within else []

    def not_ready(self) -> list[str]:
        """Return what keeps the stage from working; empty when it is ready."""
        held = [f"{p.topic}:{p.number} waits: {reason}" for p, reason in self._held.items()]
        return [*self.not_alive(), *([self._trouble] if self._trouble else []), *held]
