"""What a person sees of a replay: a bar on a terminal, plain lines elsewhere, and the summary."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.replay.tally import Summary

PLAIN_EVERY = 2.0
Show = Callable[[int], None]


@contextmanager
def progress(total: int, doing: str, done: str) -> Iterator[Show]:
    """Give a function that shows how many of `total` are done; `doing` and `done` are words for it."""
    if sys.stdout.isatty():
        columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            task = bar.add_task(doing, total=total)
            yield lambda count: bar.update(task, completed=count)
        return
    shown = monotonic()

    def line(count: int) -> None:
        nonlocal shown
        if count == total or monotonic() - shown > PLAIN_EVERY:
            shown = monotonic()
            print(f"{done} {count:,} of {total:,}", flush=True)

    yield line


def summary_lines(summary: Summary, recorded: int) -> list[str]:
    """Return the summary, a fact a line."""
    outcomes = ", ".join(f"{count:,} {name}" for name, count in sorted(summary.outcomes.items()))
    rate = summary.decided / summary.seconds if summary.seconds else 0.0
    waits = f"p50 {_said(summary.median)}, p99 {_said(summary.slowest_percent)}"
    return [
        f"decided   {summary.decided:,} of {summary.sent:,} applications ({outcomes or 'none'})",
        f"speed     {rate:,.0f} per second, from handing in to decision {waits}",
        f"lost      {summary.lost:,}",
        f"twice     {summary.twice:,}",
        f"ledger    {recorded:,} decisions recorded",
    ]


def _said(wait: timedelta | None) -> str:
    if wait is None:
        return "unknown"
    return f"{wait.total_seconds():,.3f} s"
