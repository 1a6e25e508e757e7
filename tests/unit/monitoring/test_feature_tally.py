"""Tallies of features count what numpy counts, and add up."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.monitoring.feature_tally import FeatureCounts, FeatureLayout
from services.scorecard.catalogue import Matrix
from services.scorecard.profile import ReferenceProfile
from tests.unit.monitoring.population import (
    MONITORED,
    distribution_of,
    monitored_of,
    sample,
    watched_of,
)

NOTHING = distribution_of([600.0])
GRID = distribution_of(np.linspace(0, 100, 1001))
WORDS = distribution_of([0, 0, 1, np.nan], "CODE_GENDER")
FEW = distribution_of([1, 1, 2, 3], "CNT_CHILDREN")
LAYOUT = FeatureLayout(ReferenceProfile(rows=1001, features=(GRID, WORDS, FEW), score=NOTHING))
CELL = st.one_of(
    st.just(float("nan")), st.floats(-1000, 1000, width=32), st.sampled_from([0.0, 1.0, 2.0, 100.0, 0.5])
)
ROWS = st.lists(st.tuples(CELL, CELL, CELL, st.booleans()), max_size=40)


def tables(rows: list[tuple[float, float, float, bool]]) -> tuple[Matrix, NDArray[np.bool_]]:
    matrix = np.array([row[:3] for row in rows], dtype=np.float32).reshape(-1, 3)
    unknown = np.array([[False, row[3], False] for row in rows], dtype=np.bool_).reshape(-1, 3)
    return matrix, unknown


def counts_of(matrix: Matrix, unknown: NDArray[np.bool_]) -> list[FeatureCounts]:
    return [counts for _, counts in LAYOUT.parts(LAYOUT.count(matrix, unknown))]


def known(matrix: Matrix) -> NDArray[np.bool_]:
    return np.zeros(matrix.shape, dtype=np.bool_)


def test_the_bins_hold_what_numpys_histogram_of_the_same_edges_holds(tmp_path: Path) -> None:
    matrix = sample(tmp_path, 3000)
    layout = watched_of(matrix[:2000]).features
    values = monitored_of(matrix[2000:])
    tally = layout.count(values, known(values))
    assert layout.names == MONITORED
    assert layout.rows(tally) == 1000
    for place, (reference, counts) in enumerate(layout.parts(tally)):
        present = values[:, place][~np.isnan(values[:, place])].astype(np.float64)
        edges = [-np.inf, *reference.edges, np.inf]
        # The last bin of a histogram is closed at both ends, which is no matter at infinity.
        assert counts.counts.tolist() == np.histogram(present, edges)[0].tolist()
        assert counts.sums == pytest.approx(np.histogram(present, edges, weights=present)[0])
        assert counts.missing == 1000 - len(present)


def test_rows_of_the_reference_itself_have_its_shares_and_means(tmp_path: Path) -> None:
    matrix = sample(tmp_path, 2000)
    values = monitored_of(matrix)
    layout = watched_of(matrix).features
    for reference, counts in layout.parts(layout.count(values, known(values))):
        filled = counts.counts > 0
        assert counts.counts / counts.counts.sum() == pytest.approx(reference.shares)
        assert (counts.sums[filled] / counts.counts[filled]) == pytest.approx(
            np.array(reference.means)[filled]
        )
        assert counts.missing / 2000 == pytest.approx(reference.missing)
        assert counts.outside == 0


@given(rows=ROWS, cut=st.integers(0, 40))
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(
    rows: list[tuple[float, float, float, bool]], cut: int
) -> None:
    matrix, unknown = tables(rows)
    parts = [LAYOUT.count(matrix[:cut], unknown[:cut]), LAYOUT.count(matrix[cut:], unknown[cut:])]
    assert sum(parts) == pytest.approx(LAYOUT.count(matrix, unknown))
    assert len(LAYOUT.empty()) == LAYOUT.size == len(parts[0])


@given(rows=ROWS)
def test_every_row_is_in_one_bin_or_missing(rows: list[tuple[float, float, float, bool]]) -> None:
    matrix, unknown = tables(rows)
    for counts in counts_of(matrix, unknown):
        assert counts.counts.sum() + counts.missing == len(rows)


def test_missing_unknown_and_outside_values_are_told_apart() -> None:
    matrix = np.array([[-5, 0, 2], [105, np.nan, np.nan], [np.nan, np.nan, 7]], dtype=np.float32)
    unknown = np.array([[False, False, False], [False, True, False], [False, False, False]])
    grid, words, few = counts_of(matrix, unknown)
    assert (grid.missing, grid.unknown, grid.outside) == (1, 0, 2)
    assert (words.missing, words.unknown, words.outside) == (2, 1, 0)
    assert (few.missing, few.unknown, few.outside) == (1, 0, 1)
    # What lies outside is in the bins at the ends.
    assert (grid.counts[0], grid.counts[-1]) == (1, 1)
    assert (grid.sums[0], grid.sums[-1]) == (-5, 105)


def test_a_value_on_an_edge_is_in_the_bin_above() -> None:
    matrix = np.array([[np.nan, np.nan, FEW.edges[0]]], dtype=np.float32)
    assert counts_of(matrix, known(matrix))[2].counts.tolist() == [0, 1, 0]


def test_a_feature_that_the_reference_never_had_is_counted_as_outside_of_nothing() -> None:
    never = distribution_of([np.nan, np.nan])
    layout = FeatureLayout(ReferenceProfile(rows=2, features=(never,), score=NOTHING))
    matrix = np.array([[1], [np.nan]], dtype=np.float32)
    [(_, counts)] = layout.parts(layout.count(matrix, known(matrix)))
    assert (counts.counts.tolist(), counts.missing, counts.outside) == ([1], 1, 0)
