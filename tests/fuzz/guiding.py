"""The run of the fuzzer that sees which lines its bytes reach, and what it came to."""

import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

LONGEST: Final = 16_384
"""Bytes: five times a usual application."""
NOT_INSTALLED: Final = "atheris is not installed: it is made for Linux on x86-64"
DONE: Final = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+)")


@dataclass(frozen=True)
class Guided:
    """What a run came to."""

    runs: int
    reached: int
    """Places of the engine's code."""
    faultless: bool
    said: str


def is_installed() -> bool:
    """Tell whether there is such a fuzzer here."""
    return find_spec("atheris") is not None


def guide(folder: Path, *, runs: int, seed: int) -> Guided:
    """Hand so many byte strings to the readers of events; what is at fault stays in `folder`."""
    corpus = folder / "corpus"
    corpus.mkdir()
    command = [
        *(sys.executable, "-m", "tests.fuzz.guided", str(corpus)),
        *(f"-runs={runs}", f"-seed={seed or 1}", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/"),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done = DONE.search(finished.stderr)
    ran, reached = (int(done[1]), int(done[2])) if done else (0, 0)
    return Guided(ran, reached, finished.returncode == 0 and ran >= runs, finished.stderr[-4_000:])
