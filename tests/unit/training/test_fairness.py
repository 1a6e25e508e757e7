"""Groups, their rates and the four-fifths rule, counted by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.standard import standard_catalogue
from services.training.fairness import AGE, FAMILY_STATUS, SEX, GroupRow, fairness

CATALOGUE = standard_catalogue()
ROWS = 1000


def applicants(**columns: NDArray[np.generic] | float) -> Matrix:
    matrix = np.full((ROWS, len(CATALOGUE.names)), np.nan, dtype=np.float32)
    for name, column in columns.items():
        matrix[:, CATALOGUE.names.index(name)] = column
    return matrix


def group(rows: tuple[GroupRow, ...], name: str) -> GroupRow:
    (found,) = (row for row in rows if row.group == name)
    return found


def first(count: int) -> NDArray[np.bool_]:
    return np.arange(ROWS) < count


def test_rates_are_what_counting_gives() -> None:
    # 600 women, 200 of them refused; 400 men, all accepted. Every second applicant defaults.
    defaulted = np.arange(ROWS) % 2 == 0
    rows = fairness(applicants(**{SEX: ~first(600)}), CATALOGUE, defaulted, first(200))
    women = group(rows, "women")
    assert (women.attribute, women.rows, women.default_rate) == ("sex", 600, 0.5)
    assert women.approval_rate == women.approval_ratio == pytest.approx(2 / 3)
    assert women.recall == women.false_positive_rate == pytest.approx(1 / 3)
    assert (women.below_four_fifths, women.uncertain) == (True, False)
    men = group(rows, "men")
    assert (men.approval_rate, men.approval_ratio, men.below_four_fifths) == (1, 1, False)


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (20.5, "under 30"),
        (29.9, "under 30"),
        (30, "30 to 39"),
        (40, "40 to 49"),
        (59.9, "50 to 59"),
        (60, "60 and over"),
        (np.nan, "not known"),
    ],
)
def test_ages_fall_into_bands(years: float, band: str) -> None:
    rows = fairness(applicants(**{AGE: years}), CATALOGUE, first(100), first(10))
    assert [row.group for row in rows if row.attribute == "age"] == [band]


def test_family_status_is_told_in_its_words() -> None:
    rows = fairness(applicants(**{FAMILY_STATUS: np.arange(ROWS) % 3}), CATALOGUE, first(500), first(10))
    told = [row.group for row in rows if row.attribute == "family status"]
    assert told == ["Married", "Civil marriage", "Single / not married"]


def test_a_small_group_is_no_measure_for_the_others() -> None:
    # 99 women are all accepted, and half of the men.
    rows = fairness(
        applicants(**{SEX: ~first(99)}), CATALOGUE, first(200), ~first(99) & (np.arange(ROWS) % 2 == 0)
    )
    assert group(rows, "men").approval_ratio == 1
    women = group(rows, "women").approval_ratio
    assert women is not None
    assert women > 1


def test_few_defaulters_make_a_group_uncertain() -> None:
    rows = fairness(applicants(**{SEX: ~first(500)}), CATALOGUE, ~first(971), first(10))
    women, men = group(rows, "women"), group(rows, "men")
    assert (women.recall, women.uncertain, men.uncertain) == (None, True, True)
    assert women.false_positive_rate == 0.02


def test_where_nobody_is_approved_there_is_no_ratio() -> None:
    rows = fairness(applicants(), CATALOGUE, first(100), first(ROWS))
    assert [row.group for row in rows] == ["not known"] * 3
    assert all(row.approval_ratio is None and not row.below_four_fifths for row in rows)
