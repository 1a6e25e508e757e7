"""How long the engine runs: until Ctrl-C, until a failure, or until somebody else stops it."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from infra.local.console import say, timed
from infra.local.errors import STOPPED_FROM_ELSEWHERE
from infra.local.stopping import anything_runs, stop
from infra.local.supervision import Supervisor

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that mean what Ctrl-C means; SIGHUP comes when the terminal is closed."""


def end_like_interrupt() -> None:
    """Let the ending signals raise KeyboardInterrupt, so that one way out stops everything."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in ENDING:
        signal.signal(number, interrupt)


def stop_all(supervisor: Supervisor) -> bool:
    """Stop everything and tell whether there was anything; a second Ctrl-C does not leave it half stopped."""
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, signal.SIG_IGN)
    if not anything_runs(supervisor):
        return False
    say("stopping")
    with timed("stopped"):
        stop(supervisor)
    return True


@contextmanager
def stopped_at_the_end(supervisor: Supervisor) -> Iterator[None]:
    """Stop everything when the block ends, in whatever way."""
    try:
        yield
    finally:
        stop_all(supervisor)


@contextmanager
def stopped_on_failure(supervisor: Supervisor) -> Iterator[None]:
    """Stop everything when the block does not come to its end."""
    try:
        yield
    except BaseException:
        stop_all(supervisor)
        raise


def stay_up(supervisor: Supervisor) -> None:
    """Return on Ctrl-C, an ending signal, or when the engine was stopped from elsewhere."""
    say("Ctrl-C stops everything")
    try:
        while supervisor.is_running():
            time.sleep(1)
        say(STOPPED_FROM_ELSEWHERE)
    except KeyboardInterrupt:
        return
