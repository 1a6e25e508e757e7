"""Which Python environments are made with: the one that is called, unless the system's is clearly faster."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "infra" / "local" / "python.sh"
Python = Callable[[str, str], str]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Return what makes a program that answers as a Python would."""

    def made(name: str, does: str) -> str:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o700)
        return str(program)

    return made


def chosen(called: str, system: str) -> str:
    command = ("sh", str(SCRIPT), called, system)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("called", "system", "taken"), [(100, 85, "system"), (100, 95, "called")])
def test_the_systems_is_taken_where_it_needs_a_tenth_less(
    called: int, system: int, taken: str, python: Python
) -> None:
    answer = chosen(python("called", f"echo {called}"), python("system", f"echo {system}"))
    assert Path(answer).name == taken


def test_what_counts_is_the_least_that_each_needed(python: Python, tmp_path: Path) -> None:
    disturbed = f"echo x >> {tmp_path}/turns; test $(wc -l < {tmp_path}/turns) -lt 2 && echo 900 || echo 70"
    assert Path(chosen(python("called", "echo 100"), python("system", disturbed))).name == "system"


def test_one_that_cannot_make_environments_is_not_taken(python: Python) -> None:
    poor, good = python("poor", "exit 1"), python("good", "echo 100")
    assert chosen(poor, good) == good
    assert chosen(good, poor) == good


def test_where_there_is_no_other_the_one_that_is_called_is_taken(python: Python) -> None:
    good = python("good", "echo 100")
    assert chosen(good, f"{good}-away") == good
    assert chosen(sys.executable, f"{good}-away") == sys.executable
