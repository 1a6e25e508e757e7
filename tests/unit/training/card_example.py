"""An invented model card's facts."""

from services.scorecard.bundle import Costs
from services.training.card_facts import CalibrationFacts, CardFacts, DataFacts, FeatureFact
from services.training.comparison import ComparisonRow, Estimate, FoldDifference
from services.training.fairness import GroupRow
from services.training.intervals import Interval

METRICS = {
    "auc": Interval(0.7531, 0.7402, 0.7661),
    "gini": Interval(0.5062, 0.4804, 0.531),
    "ks": Interval(0.3811, 0.361, 0.401),
    "brier_score": Interval(0.0672, 0.0651, 0.0693),
    "business_score": Interval(0.6912, 0.6811, 0.7015),
    "cost_per_application": Interval(0.5321, 0.51, 0.555),
    "cost_per_application_accepting_all": Interval(0.807, 0.77, 0.84),
    "saving": Interval(0.3406, 0.312, 0.369),
    "approval_rate": Interval(0.6893, 0.68, 0.698),
    "recall": Interval(0.6618, 0.64, 0.68),
    "precision": Interval(0.1721, 0.16, 0.18),
    "f1": Interval(0.2731, 0.26, 0.29),
    "accuracy": Interval(0.7127, 0.705, 0.72),
}


def group(attribute: str, name: str, rows: int, ratio: float, *, uncertain: bool = False) -> GroupRow:
    return GroupRow(
        attribute=attribute,
        group=name,
        rows=rows,
        default_rate=0.0807,
        approval_rate=0.75 * ratio,
        recall=None if rows < 10 else 0.66,
        false_positive_rate=0.27,
        approval_ratio=ratio,
        below_four_fifths=ratio < 0.8,
        uncertain=uncertain,
    )


FAIRNESS = (
    group("sex", "women", 30_123, 1),
    group("sex", "men", 15_901, 0.84),
    group("age", "under 30", 6_812, 0.71),
    group("age", "60 and over", 5_200, 1),
    group("family status", "Married", 29_000, 1),
    group("family status", "Widow", 9, 0.6, uncertain=True),
)


def facts(
    *, name: str = "octroi-scorecard", features: tuple[str, ...] = ("EXT_SOURCE_2", "AGE_YEARS")
) -> CardFacts:
    return CardFacts(
        model_name=name,
        data=DataFacts("application_train.csv", "5f2a" * 16, 307_511, 0.0807, 261_384, 46_127),
        features=tuple(
            FeatureFact(each, f"{each}; as it is", 1 / (2 + place)) for place, each in enumerate(features)
        ),
        metrics=METRICS,
        calibration=CalibrationFacts(0.0811, 0.0807, 0.0031, 0.0046, 1.0312, 0.0521),
        threshold=0.0976,
        costs=Costs(),
        fairness=FAIRNESS,
        versions={
            "git revision": "2cf3cf4",
            "lock, SHA-256": "ab" * 32,
            "xgboost": "3.2.0",
            "catalogue": "04bc3bdf",
        },
        comparison=(
            arm("xgboost, domain features", 0.7561),
            arm("logistic regression, raw features", 0.7402),
        ),
        figures={"separation.png": "How far good clients and defaulters lie apart."},
    )


def arm(name: str, auc: float) -> ComparisonRow:
    return ComparisonRow(
        arm=name,
        auc=Estimate(auc, 0.0021),
        business_score=Estimate(0.69, 0.002),
        brier_score=Estimate(0.0672, 0.0003),
        auc_difference=FoldDifference(auc - 0.7561, 0.001, within_noise=auc > 0.75),
        reference_difference=None if auc > 0.75 else FoldDifference(-0.004, 0.001, within_noise=False),
        fit_seconds=12.3,
        microseconds_per_row=2.1,
    )
