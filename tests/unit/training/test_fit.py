"""Fits repeat exactly, find what is there, and go the way that they must."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.curves import CurveReader
from services.scorecard.performance import Defaulted
from services.training.constraints import varying
from services.training.fit import fit
from services.training.fit_curves import RARE, fit_curves
from services.training.fit_trees import Fitting, strongest

FITTING = Fitting(trees=12, rate=0.3, seed=5, features=4, ridge=50.0)
NAMES = ("EXT_SOURCE_1", "EXT_SOURCE_SPREAD", "OCCUPATION_TYPE", "AMT_CREDIT", "FLAG_PHONE", "AMT_ANNUITY")
WORDS = ("Drivers", "Managers", "Cooks", "Rare")


def definition(name: str) -> FeatureDefinition:
    return FeatureDefinition(name, name, (name,), categories=WORDS if name == "OCCUPATION_TYPE" else ())


DEFINITIONS = tuple(map(definition, NAMES))


@pytest.fixture(scope="module")
def rows() -> tuple[Matrix, Defaulted]:
    """Risk rises with EXT_SOURCE_1, against what must be, and for one word; the rest is noise."""
    random = np.random.default_rng(1)
    matrix = random.normal(size=(4000, len(NAMES))).astype(np.float32)
    matrix[:, 2] = random.choice([0, 1, 2, 3], 4000, p=[0.4, 0.3, 0.295, 0.005])
    matrix[:, 4] = random.random(4000) < 0.5
    risk = 0.1 + 0.2 * (matrix[:, 0] > 0.5) + 0.2 * (matrix[:, 2] == 1)
    matrix[:, 0][random.random(4000) < 0.2] = np.nan
    return matrix, random.random(4000) < risk


def at(name: str, values: list[float]) -> Matrix:
    matrix = np.zeros((len(values), len(NAMES)), dtype=np.float32)
    matrix[:, NAMES.index(name)] = values
    return matrix


def test_a_seed_gives_the_same_bytes_and_another_one_others(rows: tuple[Matrix, Defaulted]) -> None:
    first, again, other = (fit(*rows, DEFINITIONS, replace(FITTING, seed=seed)) for seed in (5, 5, 6))
    assert first.booster.save_raw("ubj") == again.booster.save_raw("ubj") != other.booster.save_raw("ubj")
    assert first.curves == again.curves


def test_the_features_that_tell_something_are_chosen(rows: tuple[Matrix, Defaulted]) -> None:
    assert strongest(*rows, replace(FITTING, features=2)).tolist() == [0, 2]


def test_a_feature_that_moves_either_way_with_constrained_ones_is_left_out(
    rows: tuple[Matrix, Defaulted],
) -> None:
    every = replace(FITTING, features=6)
    matrix = rows[0].copy()
    matrix[:, 1] = rows[1]
    assert "EXT_SOURCE_SPREAD" not in fit(matrix, rows[1], DEFINITIONS, every).names
    free = replace(every, constrained=False)
    assert "EXT_SOURCE_SPREAD" in fit(matrix, rows[1], DEFINITIONS, free).names


def test_a_risk_goes_only_where_it_must(rows: tuple[Matrix, Defaulted]) -> None:
    scores = at("EXT_SOURCE_1", np.linspace(-3, 3, 50).tolist())
    free, held = (
        fit(*rows, DEFINITIONS, replace(FITTING, constrained=constrained)).margins(scores)
        for constrained in (False, True)
    )
    assert free[-1] > free[0] + 0.5
    assert np.all(np.diff(held) <= 1e-6)


def read(rows: tuple[Matrix, Defaulted], matrix: Matrix) -> NDArray[np.float64]:
    curves = fit_curves(*rows, DEFINITIONS, replace(FITTING, constrained=False))
    return CurveReader(curves, NAMES, np.arange(len(NAMES))).explain(matrix)[1]


def test_a_curve_follows_the_risk_and_is_zero_on_average(rows: tuple[Matrix, Defaulted]) -> None:
    scores = read(rows, at("EXT_SOURCE_1", [-2, -1, 1.5, 2]))[:, 0]
    assert max(scores[:2]) < 0
    assert min(scores[2:]) > 0.4
    assert read(rows, rows[0]).mean(axis=0) == pytest.approx(np.zeros(len(NAMES)), abs=1e-6)


def test_a_word_has_its_own_level_and_a_rare_one_that_of_nobody(rows: tuple[Matrix, Defaulted]) -> None:
    levels = read(rows, at("OCCUPATION_TYPE", [0, 1, 2, 3]))[:, 2]
    assert levels[1] > 0.5 + max(levels[0], levels[2])
    (curve,) = (each for each in fit_curves(*rows, DEFINITIONS, FITTING) if each.feature == "OCCUPATION_TYPE")
    # What the regression adds for a rare word is 0; the curve has its mean taken off.
    shares = np.bincount(rows[0][:, 2].astype(int), minlength=4) / len(rows[0])
    assert curve.log_odds[3] == pytest.approx(
        -float(shares[:3] @ (np.array(curve.log_odds[:3]) - curve.log_odds[3]))
    )


@pytest.mark.parametrize("defaulter", [True, False])
@pytest.mark.parametrize("name", ["AMT_CREDIT", "OCCUPATION_TYPE"])
def test_one_missing_value_says_nothing_of_the_next_one(
    rows: tuple[Matrix, Defaulted], name: str, defaulter: bool
) -> None:
    matrix = rows[0].copy()
    matrix[np.flatnonzero(rows[1] == defaulter)[0], NAMES.index(name)] = np.nan
    curves = {curve.feature: curve for curve in fit_curves(matrix, rows[1], DEFINITIONS, FITTING)}
    assert curves[name].missing == 0
    # What is never missing at training may be at scoring: an average level for it too.
    assert curves["AMT_ANNUITY"].missing == 0
    # The row with the hole is the average in the curves of what it lacks, and pulls at none of them.
    whole = {curve.feature: curve for curve in fit_curves(*rows, DEFINITIONS, FITTING)}
    assert curves[name].log_odds == pytest.approx(whole[name].log_odds, abs=0.05)


@pytest.mark.parametrize(("missing", "told"), [(RARE - 1, False), (RARE, True)])
def test_enough_missing_values_have_a_level(rows: tuple[Matrix, Defaulted], missing: int, told: bool) -> None:
    matrix = rows[0].copy()
    matrix[np.flatnonzero(rows[1])[:missing], NAMES.index("AMT_CREDIT")] = np.nan
    curves = fit_curves(matrix, rows[1], DEFINITIONS, FITTING)
    (curve,) = (each for each in curves if each.feature == "AMT_CREDIT")
    assert (curve.missing > 0.5) is told
    margins = CurveReader(curves, NAMES, np.arange(len(NAMES))).explain(matrix)[1]
    assert margins.mean(axis=0) == pytest.approx(np.zeros(len(NAMES)), abs=1e-6)


def test_a_column_without_values_has_no_curve(rows: tuple[Matrix, Defaulted]) -> None:
    matrix = rows[0].copy()
    matrix[:, 3] = np.nan
    assert "AMT_CREDIT" not in {curve.feature for curve in fit_curves(matrix, rows[1], DEFINITIONS, FITTING)}


def test_a_number_that_is_nearly_always_the_same_has_a_curve(rows: tuple[Matrix, Defaulted]) -> None:
    matrix = rows[0].copy()
    matrix[:, 3] = 0
    matrix[:9, 3] = np.arange(9)
    curves = {curve.feature: curve for curve in fit_curves(matrix, rows[1], DEFINITIONS, FITTING)}
    assert (curves["AMT_CREDIT"].points[0], curves["AMT_CREDIT"].points[-1]) == (0, 8)


def test_columns_that_never_change_are_left_out() -> None:
    nan = np.nan
    matrix = np.array([[1, nan, nan, 2, 0], [1, nan, 3, nan, 1]], dtype=np.float32)
    assert varying(matrix).tolist() == [2, 3, 4]
