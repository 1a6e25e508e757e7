"""How a campaign goes on, for whoever waits: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Step = TypeVar("Step")
Say = Callable[[str], None]


@contextmanager
def progress_of(steps: Sequence[Step], say: Say) -> Iterator[tuple[Iterator[Step], Say]]:
    """Give the steps one by one, and a way to tell the best so far; the bar shows it with the time left."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield iter(steps), say
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("comparing", total=len(steps), told="")
        yield _advancing(steps, lambda: progress.advance(task)), lambda text: progress.update(task, told=text)


def _advancing(steps: Sequence[Step], done: Callable[[], None]) -> Iterator[Step]:
    for step in steps:
        yield step
        done()
