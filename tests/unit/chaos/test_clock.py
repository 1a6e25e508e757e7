import random
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.chaos import clock
from tests.engine import RunningEngine

NEAR = 100
"""Seconds: far less than the clock jumps, far more than a program takes."""


def look() -> float:
    """Return when this machine was started, by the clock that programs see."""
    program = "import time; print(time.time() - time.monotonic())"
    return float(subprocess.run((sys.executable, "-c", program), capture_output=True, check=True).stdout)


@pytest.mark.skipif(not clock.can_jump(), reason="there is no C compiler, cc")
def test_programs_see_the_clock_jump_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    monkeypatch.setattr(clock, "JUMPS", (3600,))
    monkeypatch.setattr(clock, "sleep", lambda _: seen.append(look()))
    before = look()
    with clock.own_clock(tmp_path) as moved:
        clock.jump(moved, cast("RunningEngine", None), random.Random(1))
        after = look()
    assert seen == pytest.approx([before + 3600], abs=NEAR)
    assert after == pytest.approx(before, abs=NEAR)
    assert look() == pytest.approx(before, abs=NEAR)
