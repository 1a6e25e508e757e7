"""Which features are watched: what is asked for, then the strongest that bring news."""

import numpy as np
from numpy.typing import NDArray

from services.training.monitored import ASKED_FOR, MONITORED_FEATURES, monitored_features

ROWS = 3000


def columns(names: list[str]) -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(size=(ROWS, len(names))).astype(np.float32)


def test_what_is_asked_for_is_watched_whatever_its_influence_and_the_strongest_beside_it() -> None:
    names = [f"F{number}" for number in range(30)] + list(ASKED_FOR)
    shares = {f"F{number}": 1 / (number + 2) for number in range(30)} | {"AMT_CREDIT": 0.001}
    chosen = monitored_features(shares, columns(names), names)
    assert len(chosen) == MONITORED_FEATURES
    assert set(chosen) == {*ASKED_FOR, *(f"F{number}" for number in range(15))}
    assert chosen[:15] == [f"F{number}" for number in range(15)]


def test_a_double_of_a_stronger_feature_is_not_watched_beside_it() -> None:
    names = ["AGE_YEARS", "DAYS_BIRTH", "NEARLY", "LOOSELY"]
    matrix = columns(names)
    matrix[:, 1] = -365 * matrix[:, 0]
    matrix[:, 2] = matrix[:, 0] + 0.1 * matrix[:, 2]
    matrix[:, 3] = matrix[:, 0] + matrix[:, 3]
    shares = {"AGE_YEARS": 0.4, "DAYS_BIRTH": 0.3, "NEARLY": 0.2, "LOOSELY": 0.1}
    assert monitored_features(shares, matrix, names) == ["AGE_YEARS", "LOOSELY"]


def test_empty_and_constant_columns_are_doubles_of_nothing() -> None:
    names = ["FIRST", "EMPTY", "CONSTANT"]
    matrix = columns(names)
    matrix[:, 1], matrix[:, 2] = np.nan, 1
    assert monitored_features({"FIRST": 0.5, "EMPTY": 0.3, "CONSTANT": 0.2}, matrix, names) == names
