"""What is measured: each case gives its figures of one run, to be repeated."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from services.kit.settings import KafkaSettings
from services.scorecard.table import Cells
from tests.benchmarks import loops, pages, rest
from tests.benchmarks.chain import chain
from tests.benchmarks.served import serve_and_ask
from tests.benchmarks.watch import watch
from tests.engine import RunningEngine

Measured = tuple[str, str, str, float]
"""Contestant, metric, unit, value."""
Case = tuple[str, Callable[[], Iterator[Measured]]]
OURS = "octroi"


@dataclass(frozen=True)
class Bench:
    """An engine under load, and what to load it with."""

    engine: RunningEngine
    rows: Sequence[Cells]
    file: Path
    count: int
    seconds: float

    def cases(self) -> list[Case]:
        """Return the cases in the order in which they are run."""
        return [
            ("consume-produce", self.loops),
            ("backlog to rows in PostgreSQL", self.backlog),
            ("watching what was decided", self.watching),
            *((f"REST, {n} connections", self._rest(n)) for n in (1, 16, 64)),
            ("one decision by HTTP", self.served),
            ("score a file", self.score_file),
            ("what people wait for", self.pages),
        ]

    def loops(self) -> Iterator[Measured]:
        """Time the stream loop beside aiokafka alone."""
        kafka = KafkaSettings(bootstrap_servers=self.engine.bootstrap)
        values = [json.dumps({"application": row}).encode() for row in self.rows]
        source, target = f"bench-{uuid4()}", f"bench-{uuid4()}"
        asyncio.run(loops.fill(kafka, source, values, self.count))
        asyncio.run(loops.fill(kafka, target, values, 0))
        for name, loop in (("plain aiokafka", loops.plain_loop), (OURS, loops.stage_loop)):
            yield name, "rate", "records/s", asyncio.run(loop(kafka, source, target, self.count))

    def backlog(self) -> Iterator[Measured]:
        """Time a backlog, process start included."""
        yield OURS, "rate", "applications/s", chain(self.engine, self.rows, f"bench-{uuid4()}", self.count)

    def watching(self) -> Iterator[Measured]:
        """Time monitoring at a backlog of decided applications, process start included."""
        seen = watch(self.engine, self.rows, f"bench-{uuid4()}", self.count)
        yield OURS, "rate", "applications/s", seen.rate
        yield OURS, "processor", "us/application", seen.processor
        for quarter, held in enumerate(seen.memory, start=1):
            yield OURS, f"memory after {quarter}/{len(seen.memory)}", "MB", held

    def _rest(self, connections: int) -> Callable[[], Iterator[Measured]]:
        def measure() -> Iterator[Measured]:
            bodies = rest.endlessly([json.dumps({"application": row}).encode() for row in self.rows])
            url, headers = f"{self.engine.gateway}/v1/applications", {"X-API-Key": self.engine.api_key}
            asyncio.run(rest.ask(url, headers, bodies, connections=connections, seconds=2))
            latencies, rate = asyncio.run(
                rest.ask(url, headers, bodies, connections=connections, seconds=self.seconds)
            )
            yield OURS, "p50", "ms", rest.quantile(latencies, 0.5)
            yield OURS, "p99", "ms", rest.quantile(latencies, 0.99)
            yield OURS, "rate", "decisions/s", rate

        return measure

    def served(self) -> Iterator[Measured]:
        """Time the same model behind MLflow's own server."""
        rate, latency = serve_and_ask(self.engine, self.rows[0], requests=100)
        yield "mlflow models serve", "rate", "decisions/s", rate
        yield "mlflow models serve", "p50", "ms", latency

    def pages(self) -> Iterator[Measured]:
        """Time the pages in a browser."""
        yield OURS, "operators' page, 7 days", "ms", pages.operators_page(self.engine)
        loaded, decided = pages.form(self.engine)
        yield OURS, "form, first load", "ms", loaded
        yield OURS, "click to decision, p50", "ms", decided
        yield OURS, "10,000 rows by upload", "s", pages.batch(self.engine, self.file, 10_000)

    def score_file(self) -> Iterator[Measured]:
        """Time the scoring of a file, process start left out and included."""
        out = self.engine.engine.state.root / "scores.csv"
        begun = perf_counter()
        finished = self.engine.run("services.scoring.file", "--in", str(self.file), "--out", str(out))
        assert finished.returncode == 0, finished.stderr
        rows = sum(1 for _ in out.open()) - 1
        yield OURS, "rate with start", "rows/s", rows / (perf_counter() - begun)
        yield OURS, "rate", "rows/s", float(finished.stdout.split("(")[1].split(" ")[0].replace(",", ""))
