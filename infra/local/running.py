"""Running a command to its end: shown, or into a log."""

import os
import subprocess
from collections.abc import Mapping

from infra.local.commands import Command
from infra.local.console import last_lines, timed
from infra.local.engine import Engine
from infra.local.errors import LauncherError
from infra.local.settings import REPOSITORY


def run_shown(command: Command, environment: Mapping[str, str]) -> int:
    """Run a command that shows its own progress and says itself what is wrong; return its exit code."""
    return subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **environment}, check=False).returncode


def demand(exit_code: int, failure: str) -> None:
    """Raise LauncherError if a command failed."""
    if exit_code != 0:
        raise LauncherError(f"{failure} (exit code {exit_code})")


def run_logged(engine: Engine, name: str, command: Command, environment: Mapping[str, str], done: str) -> str:
    """Run a short command, its messages into a log file; return its standard output.

    Raises LauncherError with the end of the log.
    """
    log = engine.state.logs / f"{name}.log"
    with timed(done), log.open("w", encoding="utf-8") as messages:
        finished = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            messages.write(finished.stdout)
            messages.flush()
            raise LauncherError(f"{name} failed (exit code {finished.returncode}). {last_lines(log)}")
    return finished.stdout
