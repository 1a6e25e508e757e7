"""The supervisor's configuration files: one of its own, and one for each program."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from infra.local.errors import LauncherError
from infra.local.part import Program
from infra.local.settings import REPOSITORY
from infra.local.state import State
from services.kit.errors import TooManyDeadLettersError

STOPPED_ON_PURPOSE = TooManyDeadLettersError.exit_code
"""Exit code of a service that met too many dead letters: a person must look first."""


def supervisor_configuration(state: State) -> str:
    """Return the text of supervisord.conf, which includes every file of the folder `programs` beside it."""
    run, socket = escaped(state.run), escaped(state.socket)
    options = {
        "unix_http_server": {"file": socket, "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "directory": escaped(REPOSITORY),
            "pidfile": f"{run}/supervisord.pid",
            "logfile": f"{escaped(state.logs)}/supervisord.log",
            "childlogdir": escaped(state.logs),
            # Said on purpose, root is no reason for a warning.
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "include": {"files": "programs/*.conf"},
    }
    return "\n".join(section(name, values) for name, values in options.items())


def program_configuration(program: Program, place: int, logs: Path) -> str:
    """Return the text that says how a program is started, restarted and stopped.

    Programs stop one after the other, the highest place first.
    Raises LauncherError for an environment that the format cannot hold.
    """
    options = {
        "command": escaped(shlex.join(program.command)),
        "directory": escaped(program.folder),
        "environment": environment(program.environment),
        **({"user": program.user} if program.user else {}),
        "priority": str(place),
        "autostart": "false",
        "autorestart": "unexpected",
        "exitcodes": ",".join(map(str, program.ends_with)),
        # One that ends within a second is tried again later and later, but never given up.
        "startsecs": "1",
        "startretries": "1000000",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"{escaped(logs)}/{program.name}.log",
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    }
    return section(f"program:{program.name}", options)


def environment(variables: Mapping[str, str]) -> str:
    """Return KEY="value" pairs.

    Raises LauncherError for a value with a double quote or a line break.
    """
    for name, value in variables.items():
        if '"' in value or "\n" in value:
            raise LauncherError(f"{name} must not contain a double quote or a line break")
    return ",".join(f'{name}="{escaped(value)}"' for name, value in variables.items())


def escaped(value: str | Path) -> str:
    """Return text in which the format sees no placeholder."""
    return str(value).replace("%", "%%")


def section(name: str, options: Mapping[str, str]) -> str:
    """Return one section of the file."""
    lines = (f"{option} = {value}" for option, value in options.items())
    return "\n".join((f"[{name}]", *lines, ""))
