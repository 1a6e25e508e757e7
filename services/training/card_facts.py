"""What a model card tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from services.scorecard.bundle import Costs
from services.training.comparison import ComparisonRow
from services.training.fairness import AGE, FAMILY_STATUS, SEX, GroupRow
from services.training.intervals import Interval

PURPOSE: Final = (
    "It estimates how likely an applicant for a consumer loan is to fall behind with the repayment, so that "
    "a lender can approve or refuse the application. It is made for clients with little or no credit history."
)
LIMITS: Final = (
    (
        "The period that the data are from is not known. That the model still holds today must be watched "
        "for, not assumed: scores that drift away from those of the training say that it does not."
    ),
    (
        "It learnt from applicants to whom a loan was granted. What those refused would have done stands in "
        "no row, and no reject inference was made to guess it: for applicants whom the lender would not have "
        "accepted before, the figures of this card may be wrong."
    ),
    (
        "A default is what TARGET calls one in the source table: a late payment among the first instalments. "
        "It is neither a loss nor an amount."
    ),
    (
        "The untouched rows are from the same table as those learnt from, not from a later time, and every "
        "campaign judges its candidate on them: the more campaigns, the more a champion owes to their chance."
    ),
    (
        "Groups are compared by approvals and errors. Like rates do not prove that each person is treated "
        "fairly, and groups that the table does not tell, such as origin or disability, are not looked at."
    ),
    (
        "It must not be used for anything but consumer loans of the kind in its data: not for businesses, "
        "insurance, employment or housing."
    ),
    "It must not set prices or limits: its threshold is chosen for approving or refusing alone.",
    (
        "It must not have the last word: a refusal needs its reasons told, and somebody who may decide "
        "otherwise."
    ),
)
ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sex": (SEX,),
        "age": (AGE, "DAYS_BIRTH"),
        "family status": (FAMILY_STATUS,),
    }
)
"""Attributes that many countries protect from being decided by, and the features that are them."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a model was made from and judged by."""

    file_name: str
    fingerprint: str
    """SHA-256 of the file, in hex."""
    rows: int
    default_rate: float
    train_rows: int
    test_rows: int
    """Rows that nothing was fitted, chosen or calibrated on."""


@dataclass(frozen=True, slots=True)
class FeatureFact:
    """A feature of the model."""

    name: str
    formula: str
    importance: float
    """Share of all contributions to the log-odds, 0 to 1."""


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """Whether probabilities come true, on the untouched rows."""

    mean_probability: float
    default_rate: float
    error: float
    """Expected calibration error."""
    error_by_chance: float
    """What exact probabilities exceed in one of twenty such tables."""
    slope: float
    """Of Platt's scaling, with its intercept: from the margin, of trees and curves, to log-odds."""
    intercept: float


@dataclass(frozen=True, slots=True)
class CardFacts:
    """All that a card tells, measured on the untouched rows unless it says otherwise."""

    model_name: str
    data: DataFacts
    features: tuple[FeatureFact, ...]
    """All columns of the model."""
    metrics: Mapping[str, Interval]
    """Those of `quality`, by its names."""
    calibration: CalibrationFacts
    threshold: float
    costs: Costs
    fairness: tuple[GroupRow, ...]
    versions: Mapping[str, str]
    """What it was made with: git revision, hash of the lock, libraries, catalogue."""
    verdict: str = ""
    """What the gate said of it."""
    comparison: tuple[ComparisonRow, ...] = ()
    """Other ways to make a model, where they were compared."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """Caption of each picture by its file name."""
    purpose: str = PURPOSE
    limits: tuple[str, ...] = LIMITS

    def protected(self, *, used: bool) -> tuple[str, ...]:
        """Return the protected attributes that are features of the model, or those that are not."""
        names = {feature.name for feature in self.features}
        return tuple(attribute for attribute, are in ATTRIBUTES.items() if bool(names & set(are)) is used)
