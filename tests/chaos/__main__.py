"""Breaks a running engine again and again, and counts: `make chaos`."""

import json
import random
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from services.replay.rows import rows_of
from tests.chaos.bad_input import bad_release, bombs, poison_flood
from tests.chaos.campaign import Campaign, Result, chosen_of
from tests.chaos.clock import can_jump, jump, own_clock
from tests.chaos.endurance import backlog, soak
from tests.chaos.faults import Fault, faults_of_programs
from tests.chaos.groups import Groups
from tests.chaos.links import can_slow, slow_link
from tests.chaos.load import Load
from tests.chaos.memory import quarters
from tests.chaos.report import table
from tests.chaos.surroundings import DISKS, can_cut, cut_connections, fill_disk, small_disks
from tests.chaos.witness import Book, Witness
from tests.engine import RunningEngine, running_engine


def main() -> int:
    """Run a campaign; return 1 where anything was lost or doubled, stood still or swelled."""
    options = _options()
    # What was mounted, narrowed or started is put right on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}, {options.rate:.0f} applications a second", flush=True)
    with TemporaryDirectory(prefix="octroi-chaos-") as folder:
        Path(folder).chmod(0o755)
        state = Path(folder) / "state"
        disks = small_disks(state) if options.small_disks else nullcontext()
        clocks = own_clock(Path(folder)) if options.faults and can_jump() else nullcontext()
        with disks, clocks as clock, running_engine(state, data=options.data) as engine:
            faults = _faults(engine, options, clock) if options.faults else []
            results, whole = _run(engine, options, faults, random.Random(seed)) if faults else ([], True)
            whole &= _endure(engine, options)
    if results:
        print(table(results))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    return int(not whole or not all(result.whole for result in results))


def _run(
    engine: RunningEngine, options: Namespace, faults: Sequence[Fault], chance: random.Random
) -> tuple[Sequence[Result], bool]:
    """Return the results, and whether at the end all that was ever acknowledged is decided, once."""
    chosen = chosen_of([fault for fault in faults if options.only in fault.name], options.faults, chance)
    rows = cycle(list(rows_of(engine.data / "application_test.csv")))
    load, witness = Load(engine, rows, options.rate, f"chaos-{chance.randrange(10**9)}"), Witness(engine)
    witness.start()
    load.start()
    results: list[Result] = []
    groups = Groups(engine)
    campaign = Campaign(engine, load, witness, Book(engine), groups, chance)
    for number, result in enumerate(campaign.run(chosen), start=1):
        results.append(result)
        print(f"{number:>4} of {len(chosen)}  {result.said()}", flush=True)
    load.stop()
    lost, doubled = campaign.settled(0.0), witness.doubled()
    acknowledged = len(load.acknowledged_since(0.0))
    print(
        f"{acknowledged:,} applications acknowledged, {lost} without a decision, {doubled} with two or more"
    )
    print("\n".join(quarters(campaign.memory)))
    witness.stop()
    groups.close()
    return results, not (lost or doubled)


def _faults(engine: RunningEngine, options: Namespace, clock: Path | None) -> list[Fault]:
    """Return what this machine can do, and say what it cannot."""
    known = [
        *faults_of_programs(),
        Fault("half of all records unreadable", poison_flood, 1),
        Fault("batches that are bombs", bombs, 1),
        Fault("a release that always raises", bad_release, 1),
    ]
    ports = {"Kafka": engine.engine.settings.kafka_port, "PostgreSQL": engine.engine.settings.postgres_port}
    if can_cut():
        known += [
            Fault(f"connections to {name} cut", partial(cut_connections, port), 2)
            for name, port in ports.items()
        ]
    else:
        print("left out: cutting connections takes root and `ss`")
    if can_slow():
        known += [
            Fault(f"{name} over a slow link", partial(slow_link, port), 2) for name, port in ports.items()
        ]
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


def _endure(engine: RunningEngine, options: Namespace) -> bool:
    """Run what takes long, where it is asked for; return whether all was decided and recorded, once."""
    endured = []
    rows = list(rows_of(engine.data / "application_test.csv"))
    if options.backlog:
        endured.append(backlog(engine, rows, options.backlog))
        print(f"backlog of {options.backlog:,}\n{endured[-1].said()}", flush=True)
    if options.soak:
        endured.append(soak(engine, rows, options.soak_rate, options.soak))
        print(f"soak\n{endured[-1].said()}", flush=True)
    return all(one.whole for one in endured)


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, help="for the same faults in the same order; drawn without it")
    parser.add_argument("--rate", type=float, default=100.0, help="applications a second")
    parser.add_argument("--data", type=Path, help="folder of the competition's files; a sample without it")
    parser.add_argument("--only", default="", help="only faults whose name contains this")
    parser.add_argument("--small-disks", action="store_true", help="fill disks too; only root may")
    parser.add_argument("--backlog", type=int, default=0, help="let so many applications wait, at the end")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes of load, at the end")
    parser.add_argument("--soak-rate", type=float, default=1000.0, help="applications a second of that load")
    parser.add_argument("--json", type=Path, help="write the results here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
