"""Events for operators: what changed in the engine or in the population it sees."""

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.event import Event, Moment
from services.contracts.events import ModelRole


class Alert(Event):
    """An event for operators, keyed by the alert's own id."""

    alert_id: str
    """Unique among alerts."""
    raised_at: Moment
    """When it was noticed."""

    def subject(self) -> str:
        """Return the alert's id."""
        return self.alert_id


class ChampionChanged(Alert):
    """A scoring instance decides with another model from now on."""

    event: Literal["ChampionChanged"] = "ChampionChanged"
    version: Literal[1] = 1
    model_name: str
    """Name in the registry."""
    previous_version: str | None = None
    """Version that decided until then; left out for the first model after a start."""
    current_version: str
    """Version that decides now."""
    instance: str
    """Which scoring instance swapped."""


class DecisionsHeld(Alert):
    """A scoring instance cannot decide: the vectors of a catalogue lack features that a model needs."""

    event: Literal["DecisionsHeld"] = "DecisionsHeld"
    version: Literal[1] = 1
    model_name: str
    """Name in the registry."""
    model_version: str
    """Version in the registry."""
    catalogue_version: str
    """Catalogue of the vectors that wait."""
    features: tuple[str, ...]
    """What they lack, or define otherwise."""
    instance: str
    """Which scoring instance waits."""


class ModelRefused(Alert):
    """A scoring instance cannot use the version that an alias names, and goes on as before."""

    event: Literal["ModelRefused"] = "ModelRefused"
    version: Literal[1] = 1
    model_name: str
    """Name in the registry."""
    model_version: str
    """Version in the registry."""
    role: ModelRole
    """The alias that names it."""
    reason: str
    """What is wrong with it."""
    instance: str
    """Which scoring instance refuses it."""


class DriftMeasure(Alert):
    """A distance between today's population and the reference profile."""

    feature: str
    """Name in the feature catalogue."""
    statistic: str
    """For example normed_wasserstein or jensen_shannon."""
    distance: Annotated[float, Field(ge=0)]
    """Between the window and the reference profile, in the statistic's unit."""
    threshold: Annotated[float, Field(ge=0)]
    """The distance from which it counts as drift."""
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
    """Name in the registry."""
    model_version: str
    """Version in the registry."""
    metric: str
    """For example auc, brier or business_score."""
    value: float
    """What was measured."""
    limit: float
    """What was promised."""


AnyAlert = Annotated[
    ChampionChanged | DecisionsHeld | ModelRefused | DriftDetected | DriftCleared | ModelHealthDegraded,
    Field(discriminator="event"),
]
