"""The estimator and the grid of each arm, in scikit-learn's terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, SplineTransformer, StandardScaler
from xgboost import XGBClassifier

from services.scorecard.catalogue import FeatureDefinition
from services.training.arms import FLOOR, SCORECARDS, Arm
from services.training.fit_trees import TREE_SHAPE, Fitting
from services.training.scorecard_estimator import ScorecardClassifier

POLYNOMIAL_OF: Final = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "AGE_YEARS")
"""The strongest raw predictors; of all columns there would be thousands of products."""
POLYNOMIAL_DEGREE: Final = 3
RARE: Final = 50
"""Rows below which a word is counted with the other rare ones."""
Grid = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class ColumnKinds:
    """Positions of the columns of a matrix that a feature set has, by kind."""

    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    polynomial: tuple[int, ...] = ()


def column_kinds(definitions: Sequence[FeatureDefinition], arm: Arm) -> ColumnKinds:
    """Sort the columns that the arm sees. Raw are those that stand in the source table as they are."""
    seen = [
        (place, definition)
        for place, definition in enumerate(definitions)
        if arm.features != "raw" or definition.sources == (definition.name,)
    ]
    names = {definition.name: place for place, definition in seen}
    return ColumnKinds(
        numbers=tuple(place for place, definition in seen if not definition.categories),
        categories=tuple(place for place, definition in seen if definition.categories),
        polynomial=tuple(names[name] for name in POLYNOMIAL_OF if name in names)
        if arm.features == "polynomial"
        else (),
    )


def estimator(arm: Arm, definitions: Sequence[FeatureDefinition], fitting: Fitting) -> Pipeline:
    """Return the arm's estimator, not fitted; the columns that it will see are `definitions`.

    It resamples nothing but what it is fitted on.
    """
    if arm.model in SCORECARDS:
        free, straight = "scorecard without constraints", "scorecard without curves"
        recipe = replace(fitting, constrained=arm.model != free, curved=arm.model != straight)
        return Pipeline([("model", ScorecardClassifier(definitions, recipe))])
    kinds = column_kinds(definitions, arm)
    balancing = [("balance", SMOTE(random_state=fitting.seed))] if arm.balance == "SMOTE" else []
    return Pipeline([("columns", _columns(arm, kinds)), *balancing, ("model", _model(arm, fitting))])


def grid(arm: Arm, *, quick: bool) -> Grid:
    """Return what the search tries for an arm: names of the pipeline's parameters and their values."""
    if arm.model in FLOOR:
        return {}
    if arm.model == "random forest":
        return {"model__min_samples_leaf": [20] if quick else [10, 40]}
    if arm.model == "xgboost":
        return {"model__min_child_weight": [40] if quick else [20, 40], "model__reg_lambda": [30]}
    if arm.model == "scorecard without curves":
        return {}
    if arm.model in SCORECARDS:
        return {"model__ridge": [2000.0] if quick else [1000.0, 2000.0]}
    return {"model__C": [0.001] if quick else [0.0005, 0.005]}


def _model(arm: Arm, fitting: Fitting) -> BaseEstimator:
    weights = "balanced" if arm.balance == "class weights" else None
    if arm.model in FLOOR:
        return DummyClassifier(strategy="constant", constant=int(arm.model == "refuse everybody"))
    if arm.model == "random forest":
        return RandomForestClassifier(
            fitting.trees // 2, class_weight=weights, random_state=fitting.seed, n_jobs=1
        )
    if arm.model == "xgboost":
        shape = {name: value for name, value in TREE_SHAPE.items() if name != "nthread"}
        weight = _GOOD_PER_DEFAULTER if weights else 1.0
        return XGBClassifier(
            **shape,
            n_estimators=fitting.trees,
            learning_rate=fitting.rate,
            random_state=fitting.seed,
            n_jobs=1,
            scale_pos_weight=weight,
            device=fitting.device,
        )
    return LogisticRegression(class_weight=weights, max_iter=2000, tol=1e-3)


_GOOD_PER_DEFAULTER: Final = 11.0
"""Of the source table, where 8 in 100 default."""


def _columns(arm: Arm, kinds: ColumnKinds) -> ColumnTransformer:
    steps: list[tuple[str, Any, Sequence[int]]]
    imputed = SimpleImputer(strategy="median", keep_empty_features=True)
    if arm.model == "xgboost" and arm.balance != "SMOTE":
        steps = [("given", "passthrough", [*kinds.numbers, *kinds.categories])]
    elif arm.model in {"random forest", "xgboost"}:
        steps = [("imputed", imputed, [*kinds.numbers, *kinds.categories])]
    else:
        steps = [("numbers", _for_lines(arm), kinds.numbers), ("words", _words(), kinds.categories)]
    if kinds.polynomial:
        powers = [imputed, PolynomialFeatures(POLYNOMIAL_DEGREE, include_bias=False), StandardScaler()]
        steps.append(("powers", _chain(powers), kinds.polynomial))
    return ColumnTransformer(steps)


def _for_lines(arm: Arm) -> Pipeline | FeatureUnion:
    imputed = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    if arm.model == "logistic regression on splines":
        imputed = SimpleImputer(strategy="median", keep_empty_features=True)
        splines = SplineTransformer(n_knots=5, degree=2, knots="quantile")
        curves = _chain([imputed, splines, StandardScaler()])
        return FeatureUnion([("curves", curves), ("missing", MissingIndicator(features="all"))])
    return _chain([imputed, StandardScaler()])


def _words() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, dtype=np.float32)


def _chain(steps: Sequence[Any]) -> Pipeline:
    return Pipeline([(type(step).__name__, step) for step in steps])
