"""Trials: what would be decided, asked and answered without being recorded."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from services.contracts.event import ApplicationId, Event, Moment, Value
from services.contracts.events import ModelIdentity, Outcome, Probability, Reason, Score

MOST_APPLICATIONS: Final = 200
"""Applications of a trial."""


class TrialEvent(Event):
    """An event about a trial, keyed by its id. It carries many applications, so it may be larger."""

    LARGEST: ClassVar[int] = 4 * 1024 * 1024

    trial_id: ApplicationId
    """Names the trial; it is no application's id and is in no record."""

    def subject(self) -> str:
        """Return the trial's id."""
        return self.trial_id


class TrialAsked(TrialEvent):
    """Somebody wants to know what would be decided. Nothing of it is recorded."""

    event: Literal["TrialAsked"] = "TrialAsked"
    version: Literal[1] = 1
    asked_at: Moment
    """When it was asked; after some seconds nobody waits for the answer any more."""
    applications: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=MOST_APPLICATIONS)]
    """The applications' cells, as in LoanApplicationSubmitted; each is checked on its own."""


class TrialDecision(Value):
    """What would be decided on one application."""

    outcome: Outcome
    """Approved, refused, or review: a person would decide."""
    probability_of_default: Probability
    """Calibrated: of a hundred loans at 0.08, eight default."""
    score: Score
    """Points from 300 to 850; more is safer."""
    threshold: Probability
    """Probability of default from which the model refuses."""
    reasons: Annotated[tuple[Reason, ...], Field(max_length=4)]
    """The strongest first; for a refusal those that spoke against."""
    policy_rule: str | None = None
    """The policy rule that would decide before the model, if one would."""
    policy_version: str
    """Version of the policy rules that were asked."""
    model: ModelIdentity
    """The champion at that moment."""
    catalogue_version: str
    """Feature catalogue that the features were computed with."""


class TrialError(Value):
    """What is wrong with a cell of an application."""

    field: str
    """The cell's column."""
    message: str
    """What is wrong, without the value."""


class TrialResult(Value):
    """The answer to one application of a trial: a decision, or what is wrong with it."""

    decision: TrialDecision | None = None
    """Where the application is valid."""
    errors: tuple[TrialError, ...] | None = None
    """Where it is not."""


class TrialDecided(TrialEvent):
    """A trial was answered, application by application."""

    event: Literal["TrialDecided"] = "TrialDecided"
    version: Literal[1] = 1
    decided_at: Moment
    """When the decisions were made."""
    results: Annotated[tuple[TrialResult, ...], Field(max_length=MOST_APPLICATIONS)]
    """One for each application, in the order of the question."""
