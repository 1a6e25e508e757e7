"""Breaks a running engine again and again, and counts: `make chaos`."""

import json
import random
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from services.replay.rows import rows_of
from tests.chaos.campaign import Campaign
from tests.chaos.clock import can_jump, own_clock
from tests.chaos.cluster import Cluster, running_cluster
from tests.chaos.disks import size_of_disk, small_disks
from tests.chaos.endurance import backlog, soak
from tests.chaos.faults import Fault
from tests.chaos.groups import Groups
from tests.chaos.kinds import chosen, disks_for
from tests.chaos.load import Load
from tests.chaos.memory import quarters
from tests.chaos.report import Report
from tests.chaos.witness import Book, Witness
from tests.engine import RunningEngine, demand_own_kafka, running_engine

PARTITIONS: Final = 6
"""As many as in Docker and on Kubernetes, so that there is something to share when instances join."""


def main() -> int:
    """Run a campaign; return 1 where anything was lost or doubled, stood still or swelled."""
    options = _options()
    demand_own_kafka()
    # What was mounted, narrowed or started is put right on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}, {options.rate:.0f} applications a second", flush=True)
    report = Report(seed)
    try:
        with ExitStack() as surroundings:
            _run(options, report, surroundings)
    finally:
        print(report.said())
        if options.json:
            options.json.write_text(json.dumps(report.document(), indent=1) + "\n")
    return int(bool(report.faults()))


def _run(options: Namespace, report: Report, surroundings: ExitStack) -> None:
    folder = Path(surroundings.enter_context(TemporaryDirectory(prefix="octroi-chaos-")))
    folder.chmod(0o755)
    chance = random.Random(report.seed)
    faults: list[Fault] = []
    cluster: Cluster | None = None
    if options.faults:
        clock = surroundings.enter_context(own_clock(folder)) if can_jump() else None
        cluster = surroundings.enter_context(running_cluster(folder / "kafka")) if options.cluster else None
        faults = chosen(options, clock, cluster, chance)
        size = size_of_disk(len(faults), options.rate)
        surroundings.enter_context(small_disks(folder / "state", disks_for(faults), size))
    started = running_engine(folder / "state", data=options.data, partitions=options.partitions)
    engine = surroundings.enter_context(started)
    if faults:
        _break(engine, options, faults, chance, report)
    _endure(engine, options, report)
    if cluster:
        cluster.settle()
    report.ended = True


def _break(
    engine: RunningEngine, options: Namespace, faults: Sequence[Fault], chance: random.Random, report: Report
) -> None:
    """Break the engine under load, and judge at the end all that was ever acknowledged."""
    rows = cycle(list(rows_of(engine.data / "application_test.csv")))
    load = Load(engine, rows, options.rate, f"chaos-{chance.randrange(10**9)}")
    witness = Witness(engine.bootstrap)
    witness.start()
    load.start()
    groups = Groups(engine)
    campaign = Campaign(engine, load, witness, Book(engine), groups, chance, options.partitions)
    for number, result in enumerate(campaign.run(faults), start=1):
        report.results.append(result)
        print(f"{number:>4} of {len(faults)}  {result.said()}", flush=True)
    report.total = total = campaign.end()
    print(
        f"{total.acknowledged:,} applications acknowledged, {total.lost} without a decision, "
        f"{total.doubled} with two or more"
    )
    print("\n".join(quarters(campaign.memory)))
    witness.stop()
    groups.close()


def _endure(engine: RunningEngine, options: Namespace, report: Report) -> None:
    """Run what takes long, where it is asked for."""
    rows = list(rows_of(engine.data / "application_test.csv"))
    if options.backlog:
        report.endured.append(backlog(engine, rows, options.backlog))
        print(f"backlog of {options.backlog:,}\n{report.endured[-1].said()}", flush=True)
    if options.soak:
        report.endured.append(soak(engine, rows, options.soak_rate, options.soak))
        print(f"soak\n{report.endured[-1].said()}", flush=True)


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, help="for the same faults in the same order; drawn without it")
    parser.add_argument("--rate", type=float, default=100.0, help="applications a second")
    parser.add_argument("--data", type=Path, help="folder of the competition's files; a sample without it")
    parser.add_argument("--partitions", type=int, default=PARTITIONS, help="partitions of each topic")
    parser.add_argument("--only", default="", help="only faults whose name contains this")
    parser.add_argument("--cluster", action="store_true", help="on three brokers, which break one by one")
    parser.add_argument("--backlog", type=int, default=0, help="let so many applications wait, at the end")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes of load, at the end")
    parser.add_argument("--soak-rate", type=float, default=1000.0, help="applications a second of that load")
    parser.add_argument("--json", type=Path, help="write the results here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
