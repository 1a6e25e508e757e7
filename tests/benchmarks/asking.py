"""A server under load: how fast it answers, and what that takes."""

from collections.abc import Callable, Iterator

from tests.benchmarks.contest import Measured
from tests.benchmarks.job import Told
from tests.benchmarks.servers import Serving
from tests.benchmarks.traffic import Traffic, send_all_good
from tests.benchmarks.usage import forget_peaks, usage

CONNECTIONS = (1, 16, 64)
BATCH_CONNECTIONS = 4
Settled = Callable[[int], None]
PART_OF_REQUESTS = {1: 4}
"""Over one connection a quarter of the requests, or a slow server takes minutes."""


def singles(
    serving: Serving, traffic: Traffic, requests: int, settled: Settled = lambda _: None
) -> Iterator[Measured]:
    """Ask for one row at a time over several numbers of connections."""
    for connections in CONNECTIONS:
        share = requests // PART_OF_REQUESTS.get(connections, 1)
        yield from asked(serving, traffic, connections, share, over(connections), settled=settled)


def batches(serving: Serving, traffic: Traffic, requests: int) -> Iterator[Measured]:
    """Ask for many rows at a time."""
    yield from asked(serving, traffic, BATCH_CONNECTIONS, requests, f"batches of {traffic.rows}")


def over(connections: int) -> str:
    """Return a number of connections in words."""
    return f"{connections} connection{'s' if connections > 1 else ''}"


def asked(
    serving: Serving,
    traffic: Traffic,
    connections: int,
    requests: int,
    under: str,
    *,
    settled: Settled = lambda _: None,
) -> Iterator[Measured]:
    """Send requests and tell what came back, and what the processes took for it, warming up included.

    `settled` is given how many rows were sent, and returns when the server is done with all of them.
    """
    forget_peaks(serving.pids)
    before, beside = usage(serving.pids), usage(serving.beside)
    told = send_all_good(serving.address, traffic, connections=connections, requests=requests)
    rows = traffic.rows * (requests + requests // 10)
    settled(rows)
    after, later = usage(serving.pids), usage(serving.beside)
    yield from times(told, traffic.rows, under)
    yield Measured("processor", "ms/row", 1000 * (after.processor - before.processor) / rows, under)
    yield Measured("memory, peak", "MB", after.memory, under)
    if serving.beside:
        spent = later.processor - beside.processor
        yield Measured("processor, broker and database", "ms/row", 1000 * spent / rows, under)


def times(told: Told, rows: int, under: str) -> Iterator[Measured]:
    """Tell latencies and rate."""
    yield Measured("p50", "ms", told.p50, under)
    yield Measured("p99", "ms", told.p99, under)
    yield Measured("rate", "rows/s", told.rate * rows, under)
    yield Measured(
        "processor, load generator", "ms/row", 1000 * told.processor / told.rate / told.seconds / rows, under
    )
