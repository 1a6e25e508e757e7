import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from tests.chaos import faults
from tests.engine import RunningEngine


def test_a_storm_comes_and_goes_twice_each_time_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    @contextmanager
    def spare(_: RunningEngine, __: str, instance: str) -> Iterator[None]:
        seen.append(f"+{instance}")
        yield
        seen.append("-")

    monkeypatch.setattr(faults, "spare", spare)
    faults.storm("ledger", cast("RunningEngine", None), random.Random(1))
    assert [each[0] for each in seen] == [*"+++---+++---"]
    assert len({each for each in seen if each != "-"}) == 6
