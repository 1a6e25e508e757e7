"""Events for operators: what changed in the engine or in the population it sees."""

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.event import Event, Moment


class Alert(Event):
    """An event for operators, keyed by the alert's own id."""

    alert_id: str
    raised_at: Moment

    def subject(self) -> str:
        """Return the alert's id."""
        return self.alert_id


class ChampionChanged(Alert):
    """A scoring instance decides with another model from now on."""

    event: Literal["ChampionChanged"] = "ChampionChanged"
    version: Literal[1] = 1
    model_name: str
    previous_version: str | None = None
    """None for the first model after a start."""
    current_version: str
    instance: str
    """Which scoring instance swapped."""


class DriftMeasure(Alert):
    """A distance between today's population and the reference profile."""

    feature: str
    statistic: str
    """For example normed_wasserstein or jensen_shannon."""
    distance: Annotated[float, Field(ge=0)]
    threshold: Annotated[float, Field(ge=0)]
    window: Annotated[int, Field(ge=1)]
    """Applications in the window."""


class DriftDetected(DriftMeasure):
    """A feature's distribution left the reference profile."""

    event: Literal["DriftDetected"] = "DriftDetected"
    version: Literal[1] = 1


class DriftCleared(DriftMeasure):
    """A feature's distribution is back at the reference profile."""

    event: Literal["DriftCleared"] = "DriftCleared"
    version: Literal[1] = 1


class ModelHealthDegraded(Alert):
    """A model's figure fell below what was promised when it was promoted."""

    event: Literal["ModelHealthDegraded"] = "ModelHealthDegraded"
    version: Literal[1] = 1
    model_name: str
    model_version: str
    metric: str
    value: float
    limit: float


AnyAlert = Annotated[
    ChampionChanged | DriftDetected | DriftCleared | ModelHealthDegraded, Field(discriminator="event")
]
