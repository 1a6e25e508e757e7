"""Rows are judged by models that have not seen them, with as many trees as are enough."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from services.scorecard.bundle import Costs
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.performance import Defaulted
from services.training.fit import fit
from services.training.fit_trees import Fitting
from services.training.out_of_fold import OutOfFold, enough, out_of_fold

FITTING = Fitting(trees=200, rate=0.3, seed=5, features=4, ridge=50.0)
NAMES = tuple("ABCDEF")
DEFINITIONS = [FeatureDefinition(name, name, (name,)) for name in NAMES]


@pytest.fixture(scope="module")
def rows() -> tuple[Matrix, Defaulted]:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(1500, len(NAMES))).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    return matrix, random.random(1500) < 0.1 + 0.5 * (matrix[:, 0] > 0.5)


def cross_validated(
    rows: tuple[Matrix, Defaulted], workers: int = 1, said: list[str] | None = None
) -> OutOfFold:
    say = [] if said is None else said
    return out_of_fold(*rows, DEFINITIONS, FITTING, folds=3, repeats=2, workers=workers, say=say.append)


def test_margins_come_from_models_that_have_not_seen_the_row(rows: tuple[Matrix, Defaulted]) -> None:
    matrix, defaulted = rows
    found = cross_validated(rows)
    splits = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=5).split(matrix, defaulted)
    for place, (seen, unseen) in enumerate(splits):
        repeat, fold = divmod(place, 3)
        alone = fit(matrix[seen], defaulted[seen], DEFINITIONS, FITTING, found.trees)
        np.testing.assert_array_equal(found.margins[repeat, unseen], alone.margins(matrix[unseen]))
        assert set(found.folds[repeat, unseen]) == {fold}
        assert found.fold_aucs()[place] == pytest.approx(
            roc_auc_score(defaulted[unseen], found.margins[repeat, unseen])
        )


def test_the_number_of_workers_changes_nothing(rows: tuple[Matrix, Defaulted]) -> None:
    alone, together = cross_validated(rows, 1), cross_validated(rows, 3)
    np.testing.assert_array_equal(alone.margins, together.margins)
    assert alone.trees == together.trees


def test_trees_stop_where_unseen_rows_gain_nothing(rows: tuple[Matrix, Defaulted]) -> None:
    said: list[str] = []
    found = cross_validated(rows, 2, said)
    # One column tells all there is: a few trees find it, and many more would learn noise.
    assert found.trees < FITTING.trees
    assert len(said) < 1 + FITTING.trees // 5
    assert f"{found.trees} trees" in "".join(said)


def test_enough_is_what_cannot_be_told_from_the_best() -> None:
    aucs = np.array([[0.70, 0.72, 0.71], [0.749, 0.772, 0.750], [0.75, 0.77, 0.752], [0.74, 0.76, 0.75]])
    assert np.argmax(aucs.mean(axis=1)) == 2
    assert enough(aucs, 3) == 1
    assert enough(aucs - [[0], [0.002], [0], [0]], 3) == 2


def test_a_threshold_is_chosen_by_other_folds_than_it_is_judged_by() -> None:
    # The second fold's margins are higher by 10: a fold's threshold refuses nobody, or all, of the other.
    folds, defaulted = np.repeat([[0, 1]], 40, axis=1), np.tile([True, False], 40)[np.newaxis]
    found = OutOfFold(defaulted, np.where(defaulted, 1.0, -1.0) + 10 * folds, folds, trees=1)
    assert found.fold_aucs() == pytest.approx([1, 1])
    refuses_nobody, refuses_everybody = 1 - 10 / 11, 1 - 1 / 11
    assert found.fold_business_scores(Costs()) == pytest.approx([refuses_nobody, refuses_everybody])
