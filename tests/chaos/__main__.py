"""Breaks a running engine again and again, and counts: `make chaos`."""

import json
import random
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from services.replay.rows import rows_of
from tests.chaos.bad_input import bad_release, bombs, poison_flood
from tests.chaos.campaign import Campaign, chosen_of
from tests.chaos.clock import can_jump, jump, own_clock
from tests.chaos.cluster import Cluster, running_cluster
from tests.chaos.endurance import backlog, soak
from tests.chaos.faults import Fault, faults_of_programs
from tests.chaos.groups import Groups
from tests.chaos.links import can_slow, slow_link
from tests.chaos.load import Load
from tests.chaos.memory import quarters
from tests.chaos.report import Report
from tests.chaos.surroundings import DISKS, LINKED, can_cut, cut_connections, fill_disk, small_disks
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
    if options.small_disks:
        surroundings.enter_context(small_disks(folder / "state"))
    chosen: list[Fault] = []
    cluster: Cluster | None = None
    if options.faults:
        clock = surroundings.enter_context(own_clock(folder)) if can_jump() else None
        cluster = surroundings.enter_context(running_cluster(folder / "kafka")) if options.cluster else None
        chosen = _chosen(options, _known(options, clock, cluster), chance)
    started = running_engine(folder / "state", data=options.data, partitions=options.partitions)
    engine = surroundings.enter_context(started)
    if chosen:
        _break(engine, options, chosen, chance, report)
    _endure(engine, options, report)
    if cluster:
        cluster.settle()
    report.ended = True


def _break(
    engine: RunningEngine, options: Namespace, chosen: Sequence[Fault], chance: random.Random, report: Report
) -> None:
    """Break the engine under load, and judge at the end all that was ever acknowledged."""
    rows = cycle(list(rows_of(engine.data / "application_test.csv")))
    load = Load(engine, rows, options.rate, f"chaos-{chance.randrange(10**9)}")
    witness = Witness(engine.bootstrap)
    witness.start()
    load.start()
    groups = Groups(engine)
    campaign = Campaign(engine, load, witness, Book(engine), groups, chance)
    for number, result in enumerate(campaign.run(chosen), start=1):
        report.results.append(result)
        print(f"{number:>4} of {len(chosen)}  {result.said()}", flush=True)
    report.total = total = campaign.end()
    print(
        f"{total.acknowledged:,} applications acknowledged, {total.lost} without a decision, "
        f"{total.doubled} with two or more"
    )
    print("\n".join(quarters(campaign.memory)))
    witness.stop()
    groups.close()


def _chosen(options: Namespace, known: Sequence[Fault], chance: random.Random) -> list[Fault]:
    """Return the faults of a campaign. Ends the program where none has the name that was asked for."""
    found = [fault for fault in known if options.only.casefold() in fault.name.casefold()]
    if not found:
        names = "\n".join(fault.name for fault in known)
        sys.exit(f"no fault is called {options.only!r}; there are:\n{names}")
    return chosen_of(found, options.faults, chance)


def _known(options: Namespace, clock: Path | None, cluster: Cluster | None) -> list[Fault]:
    """Return what this machine can do, and say what it cannot."""
    known = [
        *(fault for fault in faults_of_programs() if cluster is None or "kafka" not in fault.name),
        *(() if cluster is None else cluster.faults()),
        Fault("half of all records unreadable", poison_flood, 1),
        Fault("batches that are bombs", bombs, 1),
        Fault("a release that always raises", bad_release, 1),
    ]
    if can_cut():
        known += [Fault(f"connections to {name} cut", partial(cut_connections, name), 2) for name in LINKED]
    else:
        print("left out: cutting connections takes root, `ss` and a kernel with INET_DIAG_DESTROY")
    if can_slow():
        known += [Fault(f"{name} over a slow link", partial(slow_link, name), 2) for name in LINKED]
    else:
        print("left out: slow links take root, `tc`, a kernel with HTB and u32, and nothing on `lo` yet")
    if clock is not None:
        known.append(Fault("the clock jumps", partial(jump, clock), 2))
    else:
        print("left out: jumps of the clock take Linux and a C compiler, `cc`")
    if options.small_disks:
        known += [Fault(f"disk of {name} full", partial(fill_disk, name), 2) for name in DISKS]
    else:
        print("left out: full disks (--small-disks, as root)")
    return known


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
    parser.add_argument("--small-disks", action="store_true", help="fill disks too; only root may")
    parser.add_argument("--cluster", action="store_true", help="on three brokers, which break one by one")
    parser.add_argument("--backlog", type=int, default=0, help="let so many applications wait, at the end")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes of load, at the end")
    parser.add_argument("--soak-rate", type=float, default=1000.0, help="applications a second of that load")
    parser.add_argument("--json", type=Path, help="write the results here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
