"""A hundred thousand applications: blocks, windows, what they tell, and the alerts of the shipped rules."""

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

from services.monitoring.alert_metrics import Known
from services.monitoring.alert_rule_file import load_rules
from services.monitoring.alert_state import Raised, State, step
from services.monitoring.block_table import BLOCK, Counted
from services.monitoring.champion import Watched
from services.monitoring.measurements import measured
from services.monitoring.summarising import summarise
from services.monitoring.summary import WindowSummary
from services.monitoring.windows import Window
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import INCOME, MONITORED, NOON, monitored_of, sample, watched_of

LAST = 5000
EVERY = timedelta(seconds=5)
RULES = load_rules(None, Known(windows=(f"last-{LAST}", "1h", "24h", "7d"), drifted_from=0.1))
NOTHING = Window(0, None, None, None)


class Watching:
    """One stream of vectors, a block and a tick at a time."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._blocks: list[Counted] = []
        self._day = Counted(0, NOON, NOON, watched.features.empty())
        self._state: State = {}

    def see(self, values: Matrix) -> Iterator[tuple[int, Raised]]:
        """Take rows of the monitored features in; yield each alert and how many rows were seen by then."""
        for start in range(0, len(values), BLOCK):
            rows = values[start : start + BLOCK]
            at = self._day.last + EVERY
            unknown = np.zeros(rows.shape, dtype=np.bool_)
            block = Counted(len(rows), at, at, self._watched.features.count(rows, unknown))
            self._blocks = [*self._blocks[-(LAST // BLOCK) :], block]
            self._day = self._day.plus(block)
            for summary in self.summaries():
                rules = RULES.of_window(summary.window)
                self._state, transitions = step(self._state, measured(summary), rules, at)
                for transition in transitions:
                    if isinstance(transition, Raised):
                        yield start + len(rows), transition

    def summaries(self) -> Iterator[WindowSummary]:
        """Return what the windows of the rules tell now."""
        for name, counted in (f"last-{LAST}", reduce(Counted.plus, self._blocks)), ("24h", self._day):
            window = Window(*counted)
            yield summarise(
                self._watched, window, NOTHING, at=counted.last, window=name, segment="all", threshold=0.1
            )


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return watched_of(sample(tmp_path_factory.mktemp("reference"), 10_000))


def test_a_hundred_thousand_applications_without_a_shift_raise_no_alert(
    watched: Watched, tmp_path: Path
) -> None:
    watching = Watching(watched)
    others = monitored_of(sample(tmp_path, 100_000, seed=21))
    assert list(watching.see(others)) == []
    last, day = watching.summaries()
    assert LAST <= last.rows < LAST + BLOCK
    assert day.rows == 100_000
    assert all(feature.distance is not None for each in (last, day) for feature in each.features)


def test_a_shift_is_alerted_once_within_one_window_and_of_no_other_feature(
    watched: Watched, tmp_path: Path
) -> None:
    watching = Watching(watched)
    usual, shifted = np.split(monitored_of(sample(tmp_path, 4 * LAST, seed=31)), [3 * LAST])
    assert list(watching.see(usual)) == []
    shifted[:, MONITORED.index(INCOME)] *= 1.5
    alerts = [(raised.key.rule, raised.subject) for _, raised in watching.see(shifted)]
    assert alerts == [("feature-drift", INCOME)]
