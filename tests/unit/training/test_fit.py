"""Fits repeat exactly, and judge by rows they have not seen."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from services.scorecard.booster import margins_of
from services.scorecard.catalogue import Matrix
from services.training.fit import Fitting, OutOfFold, fit, out_of_fold, varying
from services.training.threshold import Defaulted

FITTING = Fitting(trees=12, rate=0.3, seed=5)


@pytest.fixture(scope="module")
def rows() -> tuple[Matrix, Defaulted]:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(1500, 6)).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    return matrix, random.random(1500) < 0.1 + 0.5 * (matrix[:, 0] > 0.5)


def cross_validated(rows: tuple[Matrix, Defaulted], workers: int, said: list[str]) -> OutOfFold:
    return out_of_fold(*rows, FITTING, 3, workers=workers, say=said.append)


def test_margins_come_from_trees_that_have_not_seen_the_row(rows: tuple[Matrix, Defaulted]) -> None:
    matrix, defaulted = rows
    found = cross_validated(rows, 1, [])
    for seen, unseen in StratifiedKFold(3, shuffle=True, random_state=5).split(matrix, defaulted):
        trees = fit(matrix[seen], defaulted[seen], FITTING)
        np.testing.assert_array_equal(found.margins[unseen], margins_of(trees, matrix[unseen]))


def test_the_number_of_workers_changes_nothing(rows: tuple[Matrix, Defaulted]) -> None:
    alone, together = cross_validated(rows, 1, []), cross_validated(rows, 3, [])
    np.testing.assert_array_equal(alone.margins, together.margins)
    np.testing.assert_array_equal(alone.fold_aucs, together.fold_aucs)


def test_every_fold_is_told(rows: tuple[Matrix, Defaulted]) -> None:
    said: list[str] = []
    found = cross_validated(rows, 2, said)
    assert [line.split(":")[0] for line in said] == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert f"mean AUC {found.fold_aucs.mean():.4f}" in said[-1]


@pytest.mark.parametrize(("seed", "same"), [(5, True), (6, False)])
def test_a_seed_gives_the_same_bytes(rows: tuple[Matrix, Defaulted], seed: int, *, same: bool) -> None:
    first, second = fit(*rows, FITTING), fit(*rows, Fitting(trees=12, rate=0.3, seed=seed))
    assert (first.save_raw("ubj") == second.save_raw("ubj")) is same


def test_columns_that_never_change_are_left_out() -> None:
    nan = np.nan
    matrix = np.array([[1, nan, nan, 2, 0], [1, nan, 3, nan, 1]], dtype=np.float32)
    assert varying(matrix).tolist() == [2, 3, 4]
