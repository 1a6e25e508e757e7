import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.usage import descendants, parents
from tests.chaos.programs import paused
from tests.parts import until

PROGRAM = "import subprocess; subprocess.run(('sleep', '60'))"


def state_of(pid: int) -> str:
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]


def test_who_is_paused_sleeps_with_all_that_it_started() -> None:
    program = subprocess.Popen((sys.executable, "-c", PROGRAM))
    until(lambda: len(descendants([program.pid], parents())) == 2, "the program to start another")
    family = descendants([program.pid], parents())
    try:
        with paused(program.pid):
            assert [state_of(each) for each in family] == ["T", "T"]
        until(lambda: "T" not in map(state_of, family), "them to go on")
    finally:
        for each in family:
            os.kill(each, signal.SIGKILL)
        program.wait()
