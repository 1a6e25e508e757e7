"""Tallies of parts of a batch, and how tallies are stored."""

import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.block_table import packed, unpacked
from services.monitoring.tally import Additions, Tally

SIZE = 5
ROWS = st.lists(
    st.lists(st.tuples(st.integers(0, SIZE - 1), st.floats(-1e6, 1e6)), min_size=3, max_size=3), max_size=20
)


def additions_of(rows: list[list[tuple[int, float]]]) -> Additions:
    cells = np.array(rows, dtype=np.float64).reshape(-1, 3, 2)
    return Additions(SIZE, cells[:, :, 0].astype(np.intp), cells[:, :, 1])


@given(rows=ROWS)
def test_each_row_adds_its_amounts_at_its_places(rows: list[list[tuple[int, float]]]) -> None:
    expected = [0.0] * SIZE
    for place, amount in (cell for row in rows for cell in row):
        expected[place] += amount
    assert additions_of(rows).all().tolist() == expected


@given(rows=ROWS, chosen=st.sets(st.integers(0, 19)))
def test_the_tally_of_some_rows_is_that_of_a_batch_of_them_alone(
    rows: list[list[tuple[int, float]]], chosen: set[int]
) -> None:
    places = sorted(place for place in chosen if place < len(rows))
    part = additions_of(rows).of(np.array(places, dtype=np.intp))
    assert part.tolist() == additions_of([rows[place] for place in places]).all().tolist()


@pytest.mark.parametrize("pack", [packed, lambda tally: zlib.compress(tally.astype("<f8").tobytes())])
def test_a_tally_comes_back_as_it_was_stored(pack: Callable[[Tally], bytes]) -> None:
    tally = np.array([0, 1, -2.5, 1e300])
    assert unpacked(pack(tally)).tolist() == tally.tolist()
