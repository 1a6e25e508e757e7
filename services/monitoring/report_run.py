"""Runs the process that makes a report, and ends it when it takes too long."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.monitoring.report_files import read_report
from services.monitoring.report_result import ReportResult

PROCESS: Final = (sys.executable, "-m", "services.monitoring.report_process")
SAID_FILE: Final = "said.txt"
MOST_SAID: Final = 400
"""Characters of the process's last words that are told."""
ENVIRONMENT: Final = {
    "DO_NOT_TRACK": "1",
    # One thread: the machine's cores are for decisions.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class ReportError(Exception):
    """A report cannot be made; the message says why."""


async def run_report(
    window: Path, folder: Path, within: timedelta, command: Sequence[str] = PROCESS
) -> tuple[ReportResult, bytes]:
    """Return figures and page of a window's report; `folder` is empty and takes the process's files.

    Raises ReportError where the process ends without a report, or has none after `within`.
    """
    with (folder / SAID_FILE).open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *command,
            str(window),
            str(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **ENVIRONMENT},
        )
        try:
            code = await asyncio.wait_for(process.wait(), within.total_seconds())
        except TimeoutError:
            raise ReportError(
                f"the report was not made within {within.total_seconds():g} s and was given up; "
                "ask again when the machine has less to do"
            ) from None
        finally:
            await _end(process)
    if code < 0:
        raise ReportError(f"the report's process was killed by signal {-code}: had the machine memory left?")
    if code:
        raise ReportError(f"the report's process ended with code {code}: {_last_words(folder / SAID_FILE)}")
    try:
        return await asyncio.to_thread(read_report, folder)
    except (OSError, ValueError) as error:
        raise ReportError(f"the report's process left no report: {error}") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a process that still runs: out of time, or the service is being stopped."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def _last_words(path: Path) -> str:
    said = path.read_bytes()[-MOST_SAID:].decode(errors="replace").strip()
    return said.rsplit("\n", 1)[-1] or "it said nothing"
