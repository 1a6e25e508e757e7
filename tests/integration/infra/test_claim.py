"""Of several commands one at a time starts parts, whatever happens to the folder meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.claim import claimed
from infra.local.errors import LauncherError
from infra.local.settings import REPOSITORY
from infra.local.state import State
from infra.local.stopping import stop
from infra.local.supervision import Supervisor

CLAIM = """
import sys
from pathlib import Path
from infra.local.claim import claimed
from infra.local.state import State
with claimed(State(Path(sys.argv[1])), patient=True):
    print("mine", flush=True)
    sys.stdin.read()
"""


def claiming(state: State) -> subprocess.Popen[str]:
    """Start another process that claims the folder and holds it until its input ends."""
    return subprocess.Popen(
        (sys.executable, "-c", CLAIM, str(state.root)),
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.create()
    return state


def test_a_claim_is_refused_with_the_process_that_has_it_and_ends_with_it(state: State) -> None:
    other = claiming(state)
    assert line(other) == "mine\n"
    with pytest.raises(LauncherError, match=rf"process {other.pid}\) .* wait for its end, or stop it"):
        claimed(state).__enter__()
    other.kill()
    other.communicate()
    with claimed(state):
        pass


def test_who_waits_has_his_turn(state: State) -> None:
    with claimed(state):
        other = claiming(state)
        assert line(other).endswith("starts the engine's parts or has them for itself: waiting for its end\n")
    assert line(other) == "mine\n"
    other.communicate()


def test_who_waited_for_a_folder_that_was_removed_meanwhile_claims_the_new_one(state: State) -> None:
    with claimed(state):
        other = claiming(state)
        assert "waiting" in line(other)
        state.remove()
    assert line(other) == "mine\n"
    with pytest.raises(LauncherError, match="another command"):
        claimed(state).__enter__()
    other.communicate()


def test_a_supervisor_does_not_keep_the_claim_of_who_started_it(state: State) -> None:
    supervisor = Supervisor(state)
    with claimed(state):
        supervisor.start()
    with claimed(state):
        stop(supervisor)
