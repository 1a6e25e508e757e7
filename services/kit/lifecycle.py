"""The life of a process: start, watched tasks, stop on SIGTERM, exit code."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta

import structlog
import uvloop

from services.kit.client import adapt_client
from services.kit.errors import FatalError, first_error, was_cancelled
from services.kit.garbage import COLLECT_EVERY, collect, look_seldom
from services.kit.logs import where

Main = Callable[[asyncio.Event], Coroutine[object, object, None]]
log = structlog.stdlib.get_logger("process")

LOOP_WAITS_SECONDS = 0.001
"""Longest wait of the event loop for a thread that computes."""


def run_service(main: Main, *, grace: timedelta, collect_every: timedelta = COLLECT_EVERY) -> int:
    """Run `main` until it ends or SIGTERM sets its stop event, and return the exit code.

    0 after a stop in time; a FatalError's own code; 1 for all else, so that a supervisor restarts.
    """
    look_seldom()
    sys.setswitchinterval(LOOP_WAITS_SECONDS)
    adapt_client()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_supervise(main, grace, collect_every))


async def _supervise(main: Main, grace: timedelta, collect_every: timedelta) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working = asyncio.create_task(main(stop), name="main")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    collecting = asyncio.create_task(collect(collect_every), name="garbage")
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    collecting.cancel()
    await asyncio.wait((working,), timeout=grace.total_seconds())
    if not working.done():
        log.error("not_stopped_in_time", grace_seconds=grace.total_seconds())
        working.cancel()
        return 1
    return _exit_code(working.exception())


def _exit_code(error: BaseException | None) -> int:
    error = error and first_error(error)
    if isinstance(error, FatalError):
        log.critical("fatal", error=str(error))
        return error.exit_code
    if error is not None:
        log.critical("crashed", error=type(error).__name__, where=where(error))
        return 1
    log.info("stopped")
    return 0


async def together(stop: asyncio.Event, **tasks: Coroutine[object, object, None]) -> None:
    """Run named tasks side by side. When one ends, the others are told to stop; when one fails, all fail."""

    async def watched(work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except asyncio.CancelledError as error:
            if was_cancelled():
                raise
            # A group of tasks would take it for an end, and a supervisor for one on purpose.
            raise RuntimeError("what it waited for was cancelled") from error
        finally:
            stop.set()

    async with asyncio.TaskGroup() as group:
        for name, work in tasks.items():
            group.create_task(watched(work), name=name)
