import os
import subprocess
import sys

from tests.benchmarks.usage import descendants, forget_peaks, usage


def test_a_family_is_all_that_came_of_a_process() -> None:
    parent_of = {1: 0, 2: 1, 3: 2, 4: 1, 5: 9}
    assert descendants([2], parent_of) == {2, 3}
    assert descendants([1], parent_of) == {1, 2, 3, 4}
    assert descendants([7], parent_of) == set()


def test_what_a_child_takes_counts() -> None:
    lines = ("import time", "kept = bytearray(64_000_000)", "while time.process_time() < 0.3: pass")
    work = "\n".join((*lines, "print(flush=True)", "input()"))
    with subprocess.Popen(
        (sys.executable, "-c", work), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        of_child, of_all = usage([child.pid]), usage([os.getpid()])
        child.communicate(b"\n")
    assert of_child.processor >= 0.25
    assert of_child.memory >= 60
    assert of_all.processor >= of_child.processor


def test_a_peak_that_is_forgotten_begins_at_what_is_held() -> None:
    work = "kept = bytearray(64_000_000); del kept; print(flush=True); input()"
    with subprocess.Popen(
        (sys.executable, "-c", work), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        before = usage([child.pid])
        forget_peaks([child.pid])
        after = usage([child.pid])
        child.communicate(b"\n")
    assert before.memory >= 60
    assert after.memory < 60


def test_who_has_ended_has_no_peak_to_forget() -> None:
    with subprocess.Popen((sys.executable, "-c", "")) as child:
        child.wait()
    forget_peaks([child.pid])
