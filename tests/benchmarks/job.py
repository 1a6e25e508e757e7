"""What the load generator is told to do, and what it tells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from tests.benchmarks.quantiles import quantile


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, where and how often."""

    url: str
    headers: dict[str, str]
    bodies: str
    """File of bodies, one a line."""
    connections: int
    requests: int
    warm_up: int = 0
    """Requests before those that count."""
    rate: float | None = None
    """Requests a second; as fast as they are answered without it."""
    patience: float = 0.0
    """Seconds that a connection waits after it was refused, with 429 or 503, before it asks again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came back. Times are in ms, but for `seconds`."""

    seconds: float
    statuses: dict[str, int]
    """Answers by status; 0 stands for none."""
    rate: float
    """Answers of 200 a second."""
    p50: float
    p90: float
    p99: float
    longest: float
    """Latencies are those of answers of 200."""
    processor: float
    """Seconds of processor time that the generator took."""


def told_of(answers: Sequence[tuple[int, float]], seconds: float, processor: float) -> Told:
    """Sum up answers: each one's status, and the seconds that it took."""
    good = sorted(1000 * latency for status, latency in answers if status == HTTPStatus.OK)
    statuses = Counter(str(status) for status, _ in answers)
    return Told(
        seconds=seconds,
        statuses=dict(statuses),
        rate=len(good) / seconds,
        p50=quantile(good, 0.5),
        p90=quantile(good, 0.9),
        p99=quantile(good, 0.99),
        longest=quantile(good, 1),
        processor=processor,
    )
