"""What a campaign compares: a model, the features it sees, and what is done about rare defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

ModelKind = Literal[
    "accept everybody",
    "refuse everybody",
    "logistic regression",
    "logistic regression on splines",
    "random forest",
    "xgboost",
    "scorecard",
    "scorecard without constraints",
    "scorecard without curves",
]
FeatureKind = Literal["raw", "domain", "polynomial"]
Balance = Literal["none", "class weights", "SMOTE"]

FLOOR: Final[tuple[ModelKind, ...]] = ("accept everybody", "refuse everybody")
SCORECARDS: Final[tuple[ModelKind, ...]] = (
    "scorecard",
    "scorecard without constraints",
    "scorecard without curves",
)
"""The candidate's recipe (features chosen, trees, curves, risks that go where they must), and parts of it."""
COMPARED: Final[tuple[ModelKind, ...]] = ("logistic regression", "random forest", "xgboost")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to make a model."""

    model: ModelKind
    features: FeatureKind = "domain"
    balance: Balance = "none"

    @property
    def name(self) -> str:
        """The arm in words, as tables show it."""
        if self.model in FLOOR:
            return self.model
        balance = "" if self.balance == "none" else f", {self.balance}"
        return f"{self.model}, {self.features} features{balance}"

    @property
    def reference(self) -> "Arm | None":
        """The arm that tells what is special about this one; None where it is such an arm itself."""
        reference = Arm(_REFERENCE.get(self.model, self.model))
        return None if reference == self or self.model in FLOOR else reference


def all_arms() -> tuple[Arm, ...]:
    """Return the floor, then each model with one thing changed at a time: a difference has one cause."""
    changed = [Arm(model, features, balance) for model in COMPARED for features, balance in _VARIANTS]
    others = (*SCORECARDS, "logistic regression on splines")
    return (*(Arm(model) for model in FLOOR), *changed, *(Arm(model) for model in others))


_REFERENCE: Final[Mapping[ModelKind, ModelKind]] = MappingProxyType(
    {
        "scorecard": "xgboost",
        "scorecard without constraints": "scorecard",
        "scorecard without curves": "scorecard",
        "logistic regression on splines": "logistic regression",
    }
)
_VARIANTS: Final[tuple[tuple[FeatureKind, Balance], ...]] = (
    ("raw", "none"),
    ("domain", "none"),
    ("polynomial", "none"),
    ("domain", "class weights"),
    ("domain", "SMOTE"),
)
