"""Rules, summaries and alerts for the tests of monitoring's alerts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.monitoring.alert import Alert, Kind, Notice, Waiting
from services.monitoring.alert_metrics import Known
from services.monitoring.alert_rules import AlertRule
from services.monitoring.summary import Ages, Decisions, Expected, FeatureDrift, Shadow, WindowSummary

START = datetime(2026, 4, 1, tzinfo=UTC)
KNOWN = Known(windows=("last-5000", "1h", "24h", "7d"), drifted_from=0.1)


def moment(tick: int) -> datetime:
    return START + timedelta(seconds=10 * tick)


def given(**fields: object) -> dict[str, object]:
    """Return a rule as the file has it."""
    usual: dict[str, object] = {
        "name": "feature-drift",
        "metric": "feature.distance",
        "comparison": "at_least",
        "threshold": 0.1,
        "clear_at": 0.08,
        "window": "last-5000",
        "for": 3,
        "severity": "warning",
        "sentence": "{subject} is {value:.2f} away",
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not ...}


def rule(**fields: object) -> AlertRule:
    return AlertRule.model_validate(given(**fields))


def feature(name: str = "AMT_CREDIT", **fields: object) -> FeatureDrift:
    usual: dict[str, Any] = {
        "name": name,
        "statistic": "normed_wasserstein",
        "distance": 0.02,
        "psi": 0.01,
        "missing": 0.25,
        "missing_reference": 0.5,
        "unknown": 0.0,
        "outside": 0.0,
        "drifted": False,
    }
    return FeatureDrift.model_validate(usual | fields)


def summary(*features: FeatureDrift, decisions: int = 5000, **fields: object) -> WindowSummary:
    usual: dict[str, Any] = {
        "at": START,
        "window": "last-5000",
        "segment": "all",
        "model_version": "7",
        "rows": 5000,
        "begins": START,
        "ends": START,
        "threshold": 0.1,
        "features": features,
        "decisions": Decisions(
            rows=decisions,
            approved=0.7,
            refused=0.2,
            review=0.1,
            mean_probability=0.08,
            mean_score=610,
            score_psi=0.03,
            reasons={},
        ),
        "expected": Expected(
            default_rate=0.08, false_negatives=9, false_positives=400, business_score=0.71, auc=0.76
        ),
        "shadow": Shadow(
            version="8",
            rows=5000,
            agreement=0.96,
            approved_by_challenger_alone=0.02,
            approved_by_champion_alone=0.02,
            champion_cost=0.5,
            challenger_cost=0.4,
        ),
        "ages": Ages(p50=0.05, p95=0.1, p99=0.2),
    }
    return WindowSummary.model_validate(usual | fields)


def waiting(kind: Kind = "raised", alert_id: str = "a-1") -> Waiting:
    alert = Alert(
        alert_id=alert_id,
        rule="feature-drift",
        subject="AMT_CREDIT",
        severity="warning",
        value=0.21,
        threshold=0.1,
        summary="AMT_CREDIT is 0.21 away — look",
        raised_at=START,
        cleared_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        acknowledged_reason=None,
        silenced_until=None,
    )
    at, value = (START, 0.21) if kind == "raised" else (moment(9), 0.04)
    return Waiting(alert, kind, Notice(at=at, value=value, published=True))
