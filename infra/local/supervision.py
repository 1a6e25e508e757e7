"""The supervisor: it runs the programs, restarts what dies, and outlives the launcher."""

import http.client
import shutil
import subprocess
import sys
import xmlrpc.client
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import Faults, SupervisorTransport

from infra.local.configuration import program_configuration, supervisor_configuration
from infra.local.errors import STOPPED_FROM_ELSEWHERE, LauncherError
from infra.local.part import Program
from infra.local.settings import REPOSITORY
from infra.local.state import State, write_secret


@dataclass(frozen=True, slots=True)
class Process:
    """A program as the supervisor sees it."""

    name: str
    state: str
    """STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED or FATAL."""
    pid: int
    """0 where none runs."""
    started: int
    """Seconds since the epoch at the last start, 0 before the first."""
    exit_code: int


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A supervisord whose configuration, socket and logs lie where the state folder says.

    What asks it something raises LauncherError where it has ended meanwhile, or is about to.
    """

    state: State

    def is_running(self) -> bool:
        """Tell whether it answers."""
        try:
            self._call("getState")
        except xmlrpc.client.Fault:
            # While it shuts down it refuses every question, but it is there.
            return True
        except (OSError, http.client.HTTPException):
            return False
        return True

    def start(self) -> None:
        """Start the supervisor, without any program.

        Raises LauncherError.
        """
        shutil.rmtree(self._programs, ignore_errors=True)
        self._programs.mkdir(parents=True)
        configuration = self.state.run / "supervisord.conf"
        configuration.write_text(supervisor_configuration(self.state), encoding="utf-8")
        command = (sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration))
        finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise LauncherError(
                f"the supervisor did not start:\n{(finished.stdout + finished.stderr).strip()}"
            )

    def add(self, program: Program) -> None:
        """Start a further program, without waiting for it to be ready.

        Raises LauncherError where its file is missing.
        """
        place = len(tuple(self._programs.iterdir()))
        # Its environment can hold the database's password.
        text = program_configuration(program, place, self.state.logs)
        write_secret(self._programs / f"{program.name}.conf", text)
        self._ask("reloadConfig")
        self._ask("addProcessGroup", program.name)
        try:
            self._ask("startProcess", program.name, False)
        except xmlrpc.client.Fault as fault:
            raise LauncherError(f"{program.name} did not start: {fault.faultString}") from fault

    def stop(self, name: str) -> None:
        """Stop a program and return when it has ended."""
        self._ask("stopProcess", name)

    def begin(self, name: str) -> None:
        """Start a stopped program again, without waiting for it to be ready."""
        self._ask("startProcess", name, False)

    def processes(self) -> tuple[Process, ...]:
        """Return all programs, in the order of their start."""
        told = cast("list[dict[str, Any]]", self._ask("getAllProcessInfo"))
        return tuple(
            Process(one["name"], one["statename"], one["pid"], one["start"], one["exitstatus"])
            for one in told
        )

    def shut_down(self) -> None:
        """Ask it to stop all programs, the last started first, and then to end; returns at once."""
        with suppress(LauncherError):  # It is shutting down already, or gone.
            self._ask("shutdown")

    @property
    def marker(self) -> str:
        """The environment entry that every program of this supervisor carries."""
        return f"SUPERVISOR_SERVER_URL=unix://{self.state.socket}"

    @property
    def _programs(self) -> Path:
        return self.state.run / "programs"

    def _ask(self, method: str, *arguments: str | bool) -> object:
        try:
            return self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.SHUTDOWN_STATE:
                raise
            raise LauncherError(STOPPED_FROM_ELSEWHERE) from fault
        except (FileNotFoundError, ConnectionError, http.client.HTTPException) as error:
            raise LauncherError(STOPPED_FROM_ELSEWHERE) from error

    def _call(self, method: str, *arguments: str | bool) -> object:
        transport = SupervisorTransport(None, None, f"unix://{self.state.socket}")
        with closing(transport), xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
            return getattr(server.supervisor, method)(*arguments)
