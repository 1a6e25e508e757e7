"""REST with the decision awaited: latencies and rate at several numbers of connections."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from time import perf_counter

import aiohttp


async def ask(
    url: str, headers: dict[str, str], bodies: Iterator[bytes], *, connections: int, seconds: float
) -> tuple[list[float], float]:
    """Post for `seconds` over so many connections; return latencies in ms and decisions per second.

    Raises AssertionError when an answer is no decision.
    """
    latencies: list[float] = []
    headers = {**headers, "Prefer": "wait=20", "Content-Type": "application/json"}

    async def one(session: aiohttp.ClientSession, end: float) -> None:
        while perf_counter() < end:
            begun = perf_counter()
            async with session.post(url, data=next(bodies), headers=headers) as answer:
                await answer.read()
                assert answer.status == 200, await answer.text()
            latencies.append((perf_counter() - begun) * 1000)

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        begun = perf_counter()
        await asyncio.gather(*(one(session, begun + seconds) for _ in range(connections)))
        return latencies, len(latencies) / (perf_counter() - begun)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not pass."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def endlessly(bodies: Sequence[bytes]) -> Iterator[bytes]:
    """Repeat the bodies."""
    return itertools.cycle(bodies)
