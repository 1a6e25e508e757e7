"""Measures the engine on this machine: `make bench`."""

import logging
import sys
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from services.sample.files import write_sample
from services.scorecard.table import cells_of, read_batches
from tests.benchmarks.cases import Bench
from tests.benchmarks.results import Figure, machine, rows, table, write_json
from tests.engine import running_engine


def main() -> int:
    """Run every case so often, print the medians, and write them as JSON where asked."""
    options = _options()
    # The client tells of every topic that was made a moment ago.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    for name, value in machine().items():
        print(f"{name:<12}{value}")
    with TemporaryDirectory() as folder:
        _, file = write_sample(Path(folder) / "large", 100, options.file_rows, 7)
        with running_engine(Path(folder) / "state", data=options.data) as engine:
            batches = read_batches(engine.data / "application_test.csv")
            applications = [cells for batch in batches for cells in cells_of(batch)]
            bench = Bench(engine, applications, file, options.count, options.seconds)
            figures = _measure(bench, options)
    results = rows(figures)
    print(table(results))
    if options.json:
        write_json(options.json, results)
    return 0


def _measure(bench: Bench, options: Namespace) -> list[Figure]:
    figures = []
    for case, run in bench.cases():
        if options.case and options.case not in case:
            continue
        measured: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
        for number in range(options.runs):
            print(f"{case}: run {number + 1} of {options.runs}", file=sys.stderr, flush=True)
            for contestant, metric, unit, value in run():
                measured[contestant, metric, unit].append(value)
        figures += [Figure(case, *key, tuple(values)) for key, values in measured.items()]
    return figures


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--data", type=Path, help="folder of the competition's files; a sample without it")
    parser.add_argument("--count", type=int, default=50_000, help="applications in the backlog")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a REST run")
    parser.add_argument("--file-rows", type=int, default=100_000, help="rows of the file to score")
    parser.add_argument("--case", help="only cases whose name contains this")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
