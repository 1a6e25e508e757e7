"""kill -9 of a container under load: every application is decided, once."""

from functools import partial

import pytest

from tests.compose.project import Project
from tests.e2e.following import wait_for

pytestmark = pytest.mark.compose

APPLICATIONS = 3000
RATE = 100


def passed(project: Project, count: int) -> bool:
    return project.decided() > count


@pytest.mark.parametrize("service", ["scoring", "kafka"])
def test_a_killed_container_loses_nothing_and_doubles_nothing(project: Project, service: str) -> None:
    before = project.decided()
    replay = project.start_replay(APPLICATIONS, RATE)
    for kill in (1, 2):
        moment = before + kill * APPLICATIONS // 4
        wait_for(partial(passed, project, moment), seconds=240, what="decisions under load")
        # What a person kills stays down, whatever the restart policy: that is for processes that end.
        project.compose("kill", service)
        project.up("--no-deps", "--no-recreate", service)
    output, _ = replay.communicate(timeout=300)
    assert replay.returncode == 0, output
    assert project.decided() == before + APPLICATIONS


def test_a_process_that_dies_is_started_again(project: Project) -> None:
    [container] = project.containers("feature")
    # The signal that ends it comes from outside of Docker's knowledge, as an error of its own would.
    end = "import os, signal; os.kill(1, signal.SIGTERM)"
    project.compose("exec", "--no-TTY", "feature", "python", "-c", end)

    def runs_anew() -> bool:
        [now] = project.containers("feature")
        started = now["State"]["StartedAt"] != container["State"]["StartedAt"]
        return bool(started and now["State"]["Health"]["Status"] == "healthy")

    wait_for(runs_anew, seconds=120, what="feature started again")
