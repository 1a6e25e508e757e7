"""What this machine can break, and what of it a campaign takes."""

import random
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.chaos.bad_input import bad_release, bombs, poison_flood
from tests.chaos.campaign import chosen_of
from tests.chaos.clock import jump
from tests.chaos.cluster import Cluster
from tests.chaos.cluster_faults import faults_of
from tests.chaos.connections import LINKED, can_cut, cut_connections
from tests.chaos.disks import DISKS, can_fill, fill_disk, size_of_disk
from tests.chaos.faults import Fault, faults_of_programs
from tests.chaos.links import can_slow, slow_link
from tests.chaos.silence import can_drop, silent_link

OF_LINKS = (
    (
        "connections to {} cut",
        cut_connections,
        can_cut,
        "cutting connections takes root, `ss` and a kernel with INET_DIAG_DESTROY",
    ),
    (
        "{} over a slow link",
        slow_link,
        can_slow,
        "slow links take root, `tc`, a kernel with HTB and u32, and nothing on `lo` yet",
    ),
    (
        "nothing passes to and from {}, 3 to 20 s",
        silent_link,
        can_drop,
        "silent links take root and `iptables`",
    ),
)
"""Name, fault, whether it can be done here, and what it takes."""
OF_DISKS = {f"disk of {name} full": name for name in DISKS}
"""Programs that need a small disk, by the name of the fault."""


def chosen(
    options: Namespace, clock: Path | None, cluster: Cluster | None, chance: random.Random
) -> list[Fault]:
    """Return the faults of a campaign. Ends the program where none has the name that was asked for."""
    known = [*_everywhere(options.rate, cluster), *_of_links(), *_of_clock(clock)]
    known += faults_of_disks(options, len(known), cluster)
    found = [fault for fault in known if options.only.casefold() in fault.name.casefold()]
    if not found:
        names = "\n".join(fault.name for fault in known)
        sys.exit(f"no fault is called {options.only!r}; there are:\n{names}")
    return chosen_of(found, options.faults, chance)


def disks_for(faults: Sequence[Fault]) -> set[str]:
    """Return the programs that need a small disk for these faults."""
    return {OF_DISKS[fault.name] for fault in faults if fault.name in OF_DISKS}


def faults_of_disks(options: Namespace, kinds: int, cluster: Cluster | None) -> Iterator[Fault]:
    """Yield the disks that can be filled, where the whole run leaves room on them."""
    # A disk that held a million applications too would have to lie in memory as a whole, and to be filled.
    if options.backlog or options.soak:
        print("left out: full disks, which a backlog or a soak in the same run would fill unasked")
    elif can_fill(size_of_disk(max(options.faults, kinds), options.rate)):
        own = {name: program for name, program in OF_DISKS.items() if cluster is None or program != "kafka"}
        yield from (Fault(name, partial(fill_disk, program), 2) for name, program in own.items())
    else:
        print("left out: full disks take root, and memory for two that hold the whole campaign")


def _everywhere(rate: float, cluster: Cluster | None) -> Iterator[Fault]:
    yield from (fault for fault in faults_of_programs() if cluster is None or "kafka" not in fault.name)
    yield from () if cluster is None else faults_of(cluster)
    yield Fault("half of all records unreadable", partial(poison_flood, rate), 1)
    yield Fault("batches that are bombs", bombs, 1)
    yield Fault("a release that always raises", bad_release, 1)


def _of_links() -> Iterator[Fault]:
    for name, fault, can, takes in OF_LINKS:
        if can():
            yield from (Fault(name.format(program), partial(fault, program), 2) for program in LINKED)
        else:
            print(f"left out: {takes}")


def _of_clock(clock: Path | None) -> Iterator[Fault]:
    if clock is None:
        print("left out: jumps of the clock take Linux and a C compiler, `cc`")
    else:
        yield Fault("the clock jumps", partial(jump, clock), 2)
