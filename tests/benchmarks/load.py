"""The load generator, a process of its own: `python -m tests.benchmarks.load < job.json` prints JSON.

Connections are kept alive. Each sends its next request when the last one is answered. With a rate, requests
are due at fixed times and their latencies count from when they were due: a slow server gains nothing by it.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from http import HTTPStatus
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

import uvloop

from tests.benchmarks.job import Job, Told, told_of
from tests.benchmarks.wire import Connection, request

LEAST_PAUSE = 0.001
REFUSED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class Load:
    """Some connections, and the requests that they share."""

    def __init__(self, job: Job, requests: Iterator[bytes]) -> None:
        self._job = job
        self._requests = requests
        self._answers: list[tuple[int, float]] = []

    async def run(self) -> Told:
        """Warm up, send all and tell what came back. Raises OSError where the server is away."""
        address = urlsplit(self._job.url)
        host, port = str(address.hostname), address.port or 80
        # The others when they are needed: one that waits is closed, perhaps just when it is used at last.
        further = [Connection(host, port) for _ in range(self._job.connections - 1)]
        connections = [await Connection.open(host, port), *further]
        await self._all(connections, self._job.warm_up)
        self._answers.clear()
        begun, used = perf_counter(), process_time()
        if self._job.rate is None:
            await self._all(connections, self._job.requests)
        else:
            await self._at_rate(connections, self._job.rate)
        told = told_of(self._answers, perf_counter() - begun, process_time() - used)
        for connection in connections:
            connection.close()
        return told

    async def _all(self, connections: Sequence[Connection], count: int) -> None:
        share = islice(self._requests, count)

        async def one(connection: Connection) -> None:
            for sent in share:
                status = await self._ask(connection, sent, perf_counter())
                if status in REFUSED and self._job.patience:
                    await asyncio.sleep(self._job.patience)

        await asyncio.gather(*map(one, connections))

    async def _at_rate(self, connections: Sequence[Connection], rate: float) -> None:
        """Send what is due over the connection that was used last, as pools do, so that few are needed."""
        begun, due, idle = perf_counter(), deque[float](), list(connections)

        async def one(connection: Connection) -> None:
            while due:
                await self._ask(connection, next(self._requests), due.popleft())
            idle.append(connection)

        async with asyncio.TaskGroup() as working:
            for number in range(self._job.requests):
                moment = begun + number / rate
                if (pause := moment - perf_counter()) > LEAST_PAUSE:
                    await asyncio.sleep(pause)
                due.append(moment)
                if idle:
                    working.create_task(one(idle.pop()))

    async def _ask(self, connection: Connection, sent: bytes, since: float) -> int:
        status = await connection.ask(sent)
        self._answers.append((status, perf_counter() - since))
        return status


def main() -> int:
    """Do the job that the input describes."""
    described: dict[str, Any] = json.load(sys.stdin)
    job = Job(**described)
    bodies = Path(job.bodies).read_bytes().splitlines()
    requests = cycle([request(job.url, job.headers, body) for body in bodies])
    print(json.dumps(asdict(uvloop.run(Load(job, requests).run()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
