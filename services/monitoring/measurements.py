"""What alert rules are evaluated on: values by metric and subject."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from services.monitoring.alert_metrics import DISTANCE
from services.monitoring.summary import FeatureDrift, WindowSummary

FEWEST_ROWS: Final = 500
"""In fewer rows chance alone moves a share by several points, and PSI of ten parts by 9 / rows."""


class Measure(NamedTuple):
    """What a value is of."""

    metric: str
    subject: str
    """A feature's name; where the metric is about no feature, the metric again."""


Measurements = Mapping[Measure, float | None]
"""None where a value is not known: it neither raises an alert nor clears one."""


def about(metric: str) -> Measure:
    """Return the measure of a metric that is about no feature."""
    return Measure(metric, metric)


def measured(summary: WindowSummary) -> dict[Measure, float | None]:
    """Return what rules on the summary's window are evaluated on."""
    told = any(feature.distance is not None for feature in summary.features)
    values: dict[Measure, float | None] = {about("drifted"): float(summary.drifted) if told else None}
    for feature in summary.features:
        values[Measure(DISTANCE, feature.name)] = _distance(feature, summary.threshold)
    values |= {about(metric): value for metric, value in _of_decisions(summary)}
    if summary.rows >= FEWEST_ROWS:
        return values | dict(_of_features(summary))
    return values | {measure: None for measure, _ in _of_features(summary)}


def _distance(feature: FeatureDrift, threshold: float) -> float | None:
    # A distance at the threshold or above counts only where the summary says drifted: it has asked whether
    # chance could have made it, in a window of this size and with twenty features looked at. Where it could,
    # nothing is known, and an alert is neither raised nor cleared. Below the threshold the distance is passed
    # on as it is, so that an alert can wait for `clear_at`; there rules cannot raise one (see AlertRule).
    explained = feature.distance is not None and feature.distance >= threshold and not feature.drifted
    return None if explained else feature.distance


def _of_features(summary: WindowSummary) -> Iterator[tuple[Measure, float | None]]:
    for feature in summary.features:
        yield Measure("feature.psi", feature.name), feature.psi
        # A value that is suddenly always there is as strange as one that is suddenly missing.
        change = abs(feature.missing - feature.missing_reference)
        yield Measure("feature.missing_change", feature.name), change
        yield Measure("feature.unknown", feature.name), feature.unknown


def _of_decisions(summary: WindowSummary) -> Iterator[tuple[str, float | None]]:
    decisions, expected, shadow, ages = summary.decisions, summary.expected, summary.shadow, summary.ages
    enough = decisions.rows >= FEWEST_ROWS
    yield "score.psi", decisions.score_psi if enough else None
    yield "decisions.approved", decisions.approved if enough else None
    yield "expected.business_score", expected.business_score if expected and enough else None
    yield "shadow.agreement", shadow.agreement if shadow and shadow.rows >= FEWEST_ROWS else None
    yield "ages.p99", ages.p99 if ages and enough else None
