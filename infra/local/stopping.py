"""Stop everything, whatever state it is in."""

import time

from infra.local.errors import LauncherError
from infra.local.orphans import end_orphans, orphans
from infra.local.supervision import Supervisor

DEADLINE_SECONDS = 300
"""More than all programs' own limits together, which are 240: they stop one after the other. Past it the
supervisor itself is at fault."""


def anything_runs(supervisor: Supervisor) -> bool:
    """Tell whether there is a supervisor, or a program that outlived it."""
    return supervisor.is_running() or bool(orphans(supervisor.marker))


def stop(supervisor: Supervisor) -> None:
    """Stop services, then parts, then the supervisor, whichever of them run.

    Raises LauncherError if the supervisor does not end.
    """
    if supervisor.is_running():
        deadline = time.monotonic() + DEADLINE_SECONDS
        supervisor.shut_down()
        while supervisor.is_running():
            if time.monotonic() > deadline:
                raise LauncherError(
                    f"the supervisor does not end; see {supervisor.state.logs}/supervisord.log"
                )
            time.sleep(0.05)
    end_orphans(supervisor.marker)
