"""Transitions of alerts as events for other systems."""

from typing import Final
from uuid import UUID, uuid5

from services.contracts.alerts import Alert, DriftCleared, DriftDetected, ModelHealthDegraded
from services.contracts.codec import encode
from services.contracts.topics import ALERTS
from services.kit.records import Message
from services.monitoring.alert_metrics import DISTANCE
from services.monitoring.alert_state import Cleared, Raised, Transition
from services.monitoring.summary import WindowSummary

SOURCE: Final = "octroi/monitoring"
MODEL_METRICS: Final = (
    "score.psi",
    "expected.business_score",
    "performance.auc",
    "performance.business_score",
)
"""What speaks of the champion itself. Others speak of the population, the challenger or the engine."""

AlertEvent = DriftDetected | DriftCleared | ModelHealthDegraded


def event_of(
    transition: Transition, *, model_name: str, model_version: str, summary: WindowSummary | None
) -> AlertEvent | None:
    """Return the event that tells of a transition; None where only the page and the webhook do.

    `summary` is that of the rule's window at this tick, None for rules of the whole engine. The same
    transition gives the same event, so that readers may drop one that comes twice.
    """
    rule = transition.rule
    if rule is None or transition.value is None:
        # The alert ended because nobody looks any more: nothing was measured that could be told.
        return None
    if rule.metric == DISTANCE and summary is not None:
        return _drift(transition, summary)
    if rule.metric in MODEL_METRICS and isinstance(transition, Raised):
        return ModelHealthDegraded(
            alert_id=transition.alert_id,
            raised_at=transition.raised_at,
            model_name=model_name,
            model_version=model_version,
            metric=rule.metric.removeprefix("performance."),
            value=transition.value,
            limit=rule.threshold,
        )
    return None


def _drift(transition: Transition, summary: WindowSummary) -> DriftDetected | DriftCleared | None:
    feature = next((each for each in summary.features if each.name == transition.key.subject), None)
    if feature is None or transition.rule is None or transition.value is None:
        return None
    told = {
        "feature": feature.name,
        "statistic": feature.statistic,
        "distance": transition.value,
        "threshold": transition.rule.threshold,
        "window": summary.rows,
    }
    if isinstance(transition, Cleared):
        # An id of its own, as the contract wants: with the alert's id again, readers would drop it as told.
        own = str(uuid5(UUID(transition.alert_id), "cleared"))
        return DriftCleared.model_validate({"alert_id": own, "raised_at": transition.cleared_at, **told})
    return DriftDetected.model_validate(
        {"alert_id": transition.alert_id, "raised_at": transition.raised_at, **told}
    )


def alert_message(event: Alert) -> Message:
    """Return an event for the operators' topic; published again, it has the same id."""
    encoded = encode(event, event_id=event.alert_id, source=SOURCE)
    return Message(ALERTS.name, *encoded)
