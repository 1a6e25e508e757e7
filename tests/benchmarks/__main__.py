"""Measures the engine on this machine, beside what else could be used: `make bench`."""

import logging
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from services.sample.files import write_sample
from services.scorecard.table import cells_of, read_batches
from tests.benchmarks.cases import Bench
from tests.benchmarks.champion import fetch
from tests.benchmarks.chart import draw
from tests.benchmarks.contest import Case, Outcome, chosen, measure
from tests.benchmarks.environments import ENVIRONMENTS
from tests.benchmarks.results import machine, rows, table, write_json
from tests.engine import demand_own_kafka, running_engine


def main() -> int:
    """Run every case so often, print the medians, and write them where asked; return 1 where one failed."""
    options = _options()
    demand_own_kafka()
    # What was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # The client tells of every topic that was made a moment ago.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    told = _told()
    for name, value in told.items():
        print(f"{name:<28}{value}")
    outcomes = _outcomes(options)
    results = rows([figure for outcome in outcomes for figure in outcome.figures])
    failed = [told for outcome in outcomes for told in outcome.failed]
    print(table(results))
    for note in filter(None, (outcome.note for outcome in outcomes)):
        print(note)
    if options.json:
        write_json(options.json, told, results)
    if options.chart:
        draw(options.chart, results)
    for each in failed:
        _say(each)
    return int(bool(failed))


def _outcomes(options: Namespace) -> list[Outcome]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _, file = write_sample(folder / "large", 100, options.file_rows, 7)
        with running_engine(folder / "state", data=options.data) as engine:
            batches = read_batches(engine.data / "application_test.csv")
            applications = [cells for batch in batches for cells in cells_of(batch)]
            champion = fetch(engine, folder / "champion")
            bench = Bench(
                engine, champion, applications, file, options.count, options.requests, options.seconds
            )
            cases = chosen(bench.cases(), options.case)
            if not cases:
                names = "\n".join(case.name for case in bench.cases())
                sys.exit(f"no case is called {options.case!r}; there are:\n{names}")
            return [_measured(case, options.runs) for case in cases]


def _measured(case: Case, runs: int) -> Outcome:
    """Measure a case, and show at once what it came to: all of them take long, and may be broken off."""
    outcome = measure(case, runs, _say)
    if outcome.figures:
        _say(table(rows(outcome.figures)))
        if outcome.note:
            _say(outcome.note)
    return outcome


def _told() -> dict[str, str]:
    """Return what the figures depend on."""
    libraries = {
        f"{environment.name}: {name}": version
        for environment in ENVIRONMENTS
        for name, version in environment.versions().items()
    }
    return machine() | libraries


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--chart", type=Path, help="draw them here, as PNG")
    parser.add_argument("--data", type=Path, help="folder of the competition's files; a sample without it")
    parser.add_argument("--count", type=int, default=50_000, help="applications in the backlog")
    parser.add_argument("--requests", type=int, default=2_000, help="requests at each number of connections")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a run at a fixed rate")
    parser.add_argument("--file-rows", type=int, default=100_000, help="rows of the file to score")
    parser.add_argument("--case", help="only cases whose name contains this")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
