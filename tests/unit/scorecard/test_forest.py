import numpy as np
import pytest
import xgboost

from services.scorecard.booster import margins_of
from services.scorecard.booster_document import BoosterDocument
from services.scorecard.forest import UnsupportedBoosterError, forest_of
from tests.unit.scorecard.boosters import FEATURES, forest, noise, trained


@pytest.mark.parametrize("base_score", np.linspace(0.01, 0.99, 25).tolist())
def test_the_base_margin_is_equal_to_xgboosts_to_the_bit(base_score: float) -> None:
    booster = trained(1, rounds=1, eta=0.0, base_score=base_score)
    assert forest(booster).base_margin == margins_of(booster, noise(1, 1))[0]


def test_an_estimated_base_score_is_read_too() -> None:
    booster = trained(1, rounds=1, eta=0.0)
    assert forest(booster).base_margin == margins_of(booster, noise(1, 1))[0]


def test_shallow_trees_are_filled_up_to_the_left() -> None:
    found = forest(trained(1, rounds=2))
    assert found.filling.tolist() == [[False, *[True] * 6]] * 2
    assert (found.leaves != 0).tolist() == [[place in (0, 4) for place in range(8)]] * 2
    assert (found.left_shares[:, 1:] == 1).all()


@pytest.mark.parametrize("depth", [4, 6])
def test_deeper_trees_are_refused(depth: int) -> None:
    with pytest.raises(UnsupportedBoosterError, match="deeper than 3"):
        forest(trained(depth, rounds=2))


def test_several_outputs_are_refused() -> None:
    data = xgboost.DMatrix(noise(1, 90), np.arange(90) % 3)
    booster = xgboost.train({"objective": "multi:softprob", "num_class": 3, "nthread": 1}, data, 1)
    with pytest.raises(UnsupportedBoosterError, match="several numbers"):
        forest_of(BoosterDocument.model_validate_json(booster.save_raw("json")), 0)


def test_native_categories_are_refused() -> None:
    matrix = noise(1, 200)
    matrix[:, -1] = np.arange(200) % 3
    kinds = ["q"] * (FEATURES - 1) + ["c"]
    data = xgboost.DMatrix(matrix, np.arange(200) % 3 == 1, feature_types=kinds, enable_categorical=True)
    parameters = {"objective": "binary:logistic", "max_depth": 3, "max_cat_to_onehot": 1, "nthread": 1}
    with pytest.raises(UnsupportedBoosterError, match="native categories"):
        forest(xgboost.train(parameters, data, 3))
