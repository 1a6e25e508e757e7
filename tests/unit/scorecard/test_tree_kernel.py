import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorecard.booster import margins_of
from services.scorecard.tree_kernel import CHUNK, look_up, look_up_margins
from services.scorecard.tree_tables import tables_of
from tests.unit.scorecard.boosters import GROUPS, forest, noise, trained

BOOSTER = trained(3, rounds=150, eta=0.1)
TABLES = tables_of(forest(BOOSTER), GROUPS)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 3 * CHUNK), missing=st.sampled_from([0, 0.3, 1]))
def test_a_row_has_the_same_bits_alone_and_in_any_batch(seed: int, rows: int, missing: float) -> None:
    matrix = noise(seed, rows, missing=missing)
    margins, contributions = look_up(TABLES, matrix)
    for place in {0, rows // 2, rows - 1}:
        margin, contribution = look_up(TABLES, matrix[place : place + 1])
        assert margin[0] == margins[place] == look_up_margins(TABLES, matrix[place : place + 1])[0]
        np.testing.assert_array_equal(contribution[0], contributions[place])
    np.testing.assert_array_equal(look_up_margins(TABLES, matrix), margins)
    backwards = look_up(TABLES, matrix[::-1])
    np.testing.assert_array_equal(backwards[0][::-1], margins)
    np.testing.assert_array_equal(backwards[1][::-1], contributions)


@pytest.mark.parametrize("rows", [1, 2, 3, 8, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_margins_are_xgboosts_to_the_bit_for_any_number_of_rows(rows: int) -> None:
    matrix = noise(rows, rows)
    expected = margins_of(BOOSTER, matrix)
    np.testing.assert_array_equal(look_up(TABLES, matrix)[0], expected)
    np.testing.assert_array_equal(look_up_margins(TABLES, matrix), expected)


def test_contributions_and_what_is_expected_of_nobody_add_up_to_the_margin() -> None:
    margins, contributions = look_up(TABLES, noise(3, 100))
    expected_of_nobody = margins - contributions.sum(axis=1)
    np.testing.assert_allclose(expected_of_nobody, expected_of_nobody[0], rtol=0, atol=1e-5)


def test_columns_that_only_the_policy_reads_do_no_harm() -> None:
    matrix = noise(4, 70)
    wider = np.hstack([matrix, noise(5, 70)])[:, : matrix.shape[1]]
    assert not wider.flags.c_contiguous
    for ours, theirs in zip(look_up(TABLES, wider), look_up(TABLES, matrix), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(margins_of(BOOSTER, wider), margins_of(BOOSTER, matrix))
