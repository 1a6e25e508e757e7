"""What is measured: cases with their contestants."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from services.kit.kafka_settings import KafkaSettings
from services.scorecard.table import Cells
from tests.benchmarks import alone, by_engine, by_http, growth, killed, load_curve, loops, pages, steps
from tests.benchmarks.chain import chain, chain_with
from tests.benchmarks.champion import Champion
from tests.benchmarks.contest import NOTHING, RAW, Case, Contestant, Measured
from tests.benchmarks.stages import AT_LEAST_ONCE, BESIDE_STAGES, stopped, without
from tests.benchmarks.watch import watch
from tests.engine import RunningEngine

OURS = "octroi"


@dataclass(frozen=True)
class Bench:
    """An engine under load, and what to load it with."""

    engine: RunningEngine
    champion: Champion
    rows: Sequence[Cells]
    file: Path
    count: int
    requests: int
    seconds: float

    def cases(self) -> list[Case]:
        """Return the cases in the order in which they are run."""
        rivals = by_http.contestants(self.engine, self.champion, self.rows, self.requests)
        return [
            Case("consume-produce", self._loops()),
            Case(
                "backlog to rows in PostgreSQL",
                (
                    Contestant(OURS, RAW, self.backlog),
                    Contestant(f"{OURS}, stages alone", RAW, self.backlog_of_stages),
                    Contestant(f"{OURS}, at least once", RAW, self.backlog_at_least_once),
                ),
            ),
            _alone("watching what was decided", self.watching),
            Case("decisions by HTTP", rivals, by_engine.NOTE),
            _alone("where the time goes", lambda: steps.measure(self.champion, self.rows)),
            Case("model without a server", alone.contestants(self.champion, self.rows, self.requests)),
            _alone("score a file", self.score_file),
            _alone("what people wait for", self.pages, lacks=pages.lacks()),
            *growth.cases(self.engine, self.rows, self.count),
            *load_curve.cases(self.engine, self.rows, self.seconds),
            killed.case(self.engine, self.rows),
        ]

    def backlog(self) -> Iterator[Measured]:
        """Time a backlog, process start included, and tell what each program takes for it."""
        done = chain(self.engine, self.rows, f"bench-{uuid4()}", self.count)
        yield from growth.told(done)
        for program, seconds in done.programs.items():
            yield Measured("processor", "us/row", 1e6 * seconds / self.count, f"of {program}")

    def backlog_of_stages(self) -> Iterator[Measured]:
        """Time one without monitoring and gateway, which read all of it too, at the stages' expense."""
        with without(self.engine, BESIDE_STAGES):
            yield from self.backlog()

    def backlog_at_least_once(self) -> Iterator[Measured]:
        """Time one with stages that write without transactions."""
        with stopped(self.engine):
            done = chain_with(self.engine, self.rows, f"bench-{uuid4()}", self.count, settings=AT_LEAST_ONCE)
        yield from growth.told(done)

    def watching(self) -> Iterator[Measured]:
        """Time monitoring at a backlog of decided applications, process start included."""
        seen = watch(self.engine, self.rows, f"bench-{uuid4()}", self.count)
        yield Measured("rate", "rows/s", seen.rate)
        yield Measured("processor", "us/row", seen.processor)
        for quarter, held in enumerate(seen.memory, start=1):
            yield Measured("memory", "MB", held, f"after {quarter}/{len(seen.memory)}")

    def pages(self) -> Iterator[Measured]:
        """Time the pages in a browser."""
        yield Measured("operators' page, 7 days", "ms", pages.operators_page(self.engine))
        loaded, decided = pages.form(self.engine)
        yield Measured("form, first load", "ms", loaded)
        yield Measured("click to decision, p50", "ms", decided)
        yield Measured("10,000 rows by upload", "s", pages.batch(self.engine, self.file, 10_000))

    def score_file(self) -> Iterator[Measured]:
        """Time the scoring of a file, process start left out and included."""
        out = self.engine.engine.state.root / "scores.csv"
        begun = perf_counter()
        finished = self.engine.run("services.scoring.file", "--in", str(self.file), "--out", str(out))
        assert finished.returncode == 0, finished.stderr
        seconds = perf_counter() - begun
        rows = _rows_of(out)
        assert rows == _rows_of(self.file), f"{rows} rows of {self.file} were scored"
        yield Measured("rate with start", "rows/s", rows / seconds)
        yield Measured("rate", "rows/s", float(finished.stdout.split("(")[1].split(" ")[0].replace(",", "")))

    def _loops(self) -> tuple[Contestant, ...]:
        """Return the stream loop beside aiokafka alone; each run has topics of its own."""

        def measure(loop: loops.Loop) -> Iterator[Measured]:
            kafka = KafkaSettings(bootstrap_servers=self.engine.bootstrap)
            values = [json.dumps({"application": row}).encode() for row in self.rows]
            copied = loops.alone(loop, kafka, values, self.count)
            yield Measured("rate", "records/s", self.count / copied.seconds)
            yield Measured("processor", "us/record", 1e6 * copied.processor / self.count)

        return (
            Contestant("plain aiokafka", NOTHING, lambda: measure(loops.plain)),
            Contestant(OURS, NOTHING, lambda: measure(loops.staged)),
        )


def _rows_of(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines) - 1


def _alone(name: str, measure: Callable[[], Iterator[Measured]], lacks: str = "") -> Case:
    return Case(name, (Contestant(OURS, RAW, measure, lacks),))
