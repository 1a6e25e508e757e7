"""An alert as it is kept, and what is to be told of it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.contracts.alerts import DriftCleared, DriftDetected, ModelHealthDegraded
from services.monitoring.alert_rules import Severity

Kind = Literal["raised", "cleared"]


class Alert(BaseModel):
    """A row of monitoring.alerts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alert_id: str
    rule: str
    subject: str
    """The feature or figure that the rule was about."""
    severity: Severity
    value: float | None
    """What was measured when the alert was raised."""
    threshold: float | None
    summary: str
    """A sentence for operators."""
    raised_at: AwareDatetime
    cleared_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None
    acknowledged_reason: str | None
    silenced_until: AwareDatetime | None
    """Until then the webhook is not called."""


class Notice(BaseModel):
    """That an alert was raised, or cleared; kept with the alert until everybody has been told."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    value: float | None
    """What was measured then."""
    event: Annotated[
        DriftDetected | DriftCleared | ModelHealthDegraded | None, Field(discriminator="event")
    ] = None
    """For Kafka; None where there is no event of this kind."""
    published: bool
    """Whether Kafka has the event; true where there is none."""
    sent: bool = False
    """Whether the webhook has taken it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that somebody has not been told yet."""

    alert: Alert
    kind: Kind
    notice: Notice
