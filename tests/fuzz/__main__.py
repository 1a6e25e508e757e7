"""Looks for bad input that the engine cannot bear: `make fuzz`."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import randbelow
from tempfile import TemporaryDirectory

import structlog

from services.monitoring.champion import Champion
from tests.fuzz import guiding
from tests.fuzz.asking import NOT_INSTALLED, Asked, program
from tests.fuzz.longer import ask_gateway, ask_monitoring, read_everything
from tests.fuzz.messages import Told
from tests.fuzz.parts import NO_KAFKA, Parts, running_parts
from tests.unit.monitoring.population import champion_of, sample, watched_of

SAMPLE = 2_000


def main() -> int:
    """Run what is asked for and return the exit code: 1 where something is wrong."""
    options = _options()
    print(f"SEED={options.seed}", flush=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        champion = champion_of(watched_of(sample(folder, SAMPLE)))
        parts = stack.enter_context(running_parts(folder))
        faultless = _messages(options, champion, parts)
        faultless = _bytes(options, folder) and faultless
        return 0 if _requests(options, champion, parts, folder) and faultless else 1


def _messages(options: Namespace, champion: Champion, parts: Parts) -> bool:
    told = [_shown(each) for each in read_everything(champion, parts, options.messages, options.seed)]
    print(f"messages: {sum(each.sent for each in told):,} sent and accounted for", flush=True)
    return all(each.accounted for each in told)


def _shown(told: Told) -> Told:
    print(
        f"{told.reader:<32}{told.sent:>10,} sent = {told.handled:>9,} handled"
        f" + {told.refused:>9,} refused + {told.held:>7,} held",
        flush=True,
    )
    return told


def _bytes(options: Namespace, folder: Path) -> bool:
    if not guiding.is_installed():
        print(guiding.NOT_INSTALLED)
        return False
    told = guiding.guide(folder, runs=options.messages, seed=options.seed)
    verdict = "faultless" if told.faultless else f"at fault:\n{told.said}"
    print(f"guided: {told.runs:,} byte strings reached {told.reached:,} places: {verdict}", flush=True)
    return told.faultless


def _requests(options: Namespace, champion: Champion, parts: Parts, folder: Path) -> bool:
    if program() is None:
        print(NOT_INSTALLED)
        return False
    asked = list(_asked(options, champion, parts, folder))
    print(f"requests: {sum(each.cases for each in asked):,} cases", flush=True)
    if parts.kafka is None:
        print(NO_KAFKA, flush=True)
    return parts.kafka is not None and all(each.faultless for each in asked)


def _asked(options: Namespace, champion: Champion, parts: Parts, folder: Path) -> Iterator[Asked]:
    for asked in ask_gateway(parts, folder, options.cases, options.seed):
        yield _judged("gateway", asked)
    for asked in asyncio.run(ask_monitoring(champion, parts, folder, options.cases, options.seed)):
        yield _judged("monitoring", asked)


def _judged(interface: str, asked: Asked) -> Asked:
    verdict = "faultless" if asked.faultless else f"at fault:\n{asked.said}"
    print(f"{interface}: {asked.cases:,} cases of seed {asked.seed}: {verdict}", flush=True)
    return asked


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=randbelow(1_000_000), help="repeats a run")
    parser.add_argument("--cases", type=int, default=10_000, help="requests to each interface at least")
    parser.add_argument("--messages", type=int, default=1_000_000, help="mutated records, and byte strings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
