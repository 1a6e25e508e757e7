import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from infra.local.errors import LauncherError
from infra.local.orphans import orphans
from infra.local.part import Program
from infra.local.ports import Port
from infra.local.starting import refuse_second_start, start, wait_until_ready
from infra.local.state import State
from infra.local.stopping import stop
from infra.local.supervision import Process, Supervisor
from tests.parts import until

WITHIN = timedelta(seconds=60)
# Says that it is ready, then waits to be told its exit code.
OBEDIENT = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(); sys.exit(int(open(sys.argv[2]).read()))"
BROKEN = "raise SystemExit('no such table: applications')"
NEVER_READY = "import signal; signal.pause()"


@dataclass(frozen=True)
class StandIn:
    """A small program in a service's place."""

    title: str
    folder: Path
    code: str = OBEDIENT
    ends_with: tuple[int, ...] = ()

    @property
    def ports(self) -> tuple[Port, ...]:
        return ()

    @property
    def orders(self) -> Path:
        return self.folder / f"{self.title}-orders"

    @property
    def sign(self) -> Path:
        return self.folder / f"{self.title}-ready"

    def prepare(self) -> None:
        os.mkfifo(self.orders)

    def program(self) -> Program:
        command = (sys.executable, "-c", self.code, str(self.sign), str(self.orders))
        return Program(self.title, command, {"PERCENT": "50 %"}, ends_with=self.ends_with)

    def is_ready(self) -> bool:
        return self.sign.exists()


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    state = State(tmp_path)
    state.create()
    supervisor = Supervisor(state)
    supervisor.start()
    yield supervisor
    stop(supervisor)


def process(supervisor: Supervisor, name: str) -> Process:
    (found,) = (one for one in supervisor.processes() if one.name == name)
    return found


def wait_for(supervisor: Supervisor, name: str, state: str, *, other_than: int = -1) -> Process:
    def reached() -> bool:
        now = process(supervisor, name)
        return now.state == state and now.pid != other_than

    until(reached, f"{name} to be {state}")
    return process(supervisor, name)


def bring_up(supervisor: Supervisor, *stand_ins: StandIn) -> None:
    started = [start(supervisor, stand_in) for stand_in in stand_ins]
    wait_until_ready(supervisor, started, WITHIN)


def test_a_killed_program_is_started_again_and_one_stopped_on_purpose_is_not(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    killed, purposeful = StandIn("killed", tmp_path), StandIn("purposeful", tmp_path, ends_with=(3,))
    bring_up(supervisor, killed, purposeful)
    first = wait_for(supervisor, "purposeful", "RUNNING")
    purposeful.orders.write_text("3")
    ended = wait_for(supervisor, "purposeful", "EXITED")
    before = wait_for(supervisor, "killed", "RUNNING")
    os.kill(before.pid, signal.SIGKILL)
    # By the time the supervisor has seen to this one, it would have started the other again too.
    wait_for(supervisor, "killed", "RUNNING", other_than=before.pid)
    assert process(supervisor, "purposeful") == ended
    assert (ended.exit_code, ended.started) == (3, first.started)


@pytest.mark.parametrize("code", ["0", "1", "3"])
def test_an_end_that_nobody_asked_for_is_a_reason_to_start_again(
    supervisor: Supervisor, tmp_path: Path, code: str
) -> None:
    stand_in = StandIn("ending", tmp_path)
    bring_up(supervisor, stand_in)
    before = wait_for(supervisor, "ending", "RUNNING")
    stand_in.orders.write_text(code)
    wait_for(supervisor, "ending", "RUNNING", other_than=before.pid)


def test_a_program_that_does_not_stay_up_is_named_with_the_end_of_its_log(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    with pytest.raises(LauncherError, match=r"broken does not stay up[\s\S]*no such table: applications"):
        bring_up(supervisor, StandIn("broken", tmp_path, BROKEN))


def test_stopping_leaves_nobody_behind(supervisor: Supervisor, tmp_path: Path) -> None:
    bring_up(supervisor, StandIn("one", tmp_path), StandIn("two", tmp_path))
    assert len(orphans(supervisor.marker)) == 2
    stop(supervisor)
    assert orphans(supervisor.marker) == ()
    assert not supervisor.is_running()


def test_programs_stop_in_the_reverse_order_of_their_start(supervisor: Supervisor, tmp_path: Path) -> None:
    names = ("zebra", "ant", "mole")
    bring_up(supervisor, *(StandIn(name, tmp_path) for name in names))
    stop(supervisor)
    log = (supervisor.state.logs / "supervisord.log").read_text()
    ends = {name: log.rindex(f"stopped: {name}") for name in names}
    assert sorted(names, key=ends.__getitem__) == ["mole", "ant", "zebra"]


def test_a_second_start_is_refused(supervisor: Supervisor) -> None:
    with pytest.raises(LauncherError, match="already running; `make down` stops it") as refusal:
        refuse_second_start(supervisor, ())
    assert refusal.value.exit_code == 2


def test_a_start_that_is_stopped_from_elsewhere_ends_in_a_sentence(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    started = start(supervisor, StandIn("never", tmp_path, NEVER_READY))
    stopping = Thread(target=stop, args=(supervisor,))
    stopping.start()
    with pytest.raises(LauncherError, match="the engine was stopped from elsewhere"):
        wait_until_ready(supervisor, (started,), WITHIN)
    stopping.join()
    with pytest.raises(LauncherError, match="the engine was stopped from elsewhere"):
        start(supervisor, StandIn("late", tmp_path))
    # Nor is it an error that it was stopped twice.
    supervisor.shut_down()


def test_programs_whose_supervisor_was_killed_are_found_and_ended(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    bring_up(supervisor, StandIn("left", tmp_path))
    os.kill(int((supervisor.state.run / "supervisord.pid").read_text()), signal.SIGKILL)
    until(lambda: not supervisor.is_running(), "the supervisor to be gone")
    with pytest.raises(LauncherError, match="an earlier run are still there"):
        refuse_second_start(supervisor, ())
    stop(supervisor)
    refuse_second_start(supervisor, ())
