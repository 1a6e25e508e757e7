"""What clients send and get: the resources of the REST interface."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, field_validator

from services.contracts.application import LoanApplication
from services.contracts.described import Described
from services.contracts.event import ApplicationId, Value
from services.contracts.events import Channel, Lineage, ModelIdentity, Outcome, Probability, Reason, Score
from services.contracts.trials import MOST_APPLICATIONS, TrialDecision
from services.gateway.further_fields import with_fair_further_fields
from services.gateway.problems import Problem

State = Literal["received", "decided", "dead"]


class HandedIn(Described):
    """What is read of an application handed in that has no further fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: ApplicationId | None = None
    """Yours to choose, never used for another application, and not like the ids of rows of batch files, which
    begin with b-, 32 hexadecimal digits and a dot. Left out, it is made from the Idempotency-Key, or at
    random."""
    channel: Channel | None = None
    """Where it came in, for example branch, web or partner."""
    application: LoanApplication
    """The 121 columns of the application table; what is not known is left out or null. Further fields are
    kept and not read; they may hold up to 1,000 values."""


class Submission(HandedIn):
    """An application handed in."""

    @field_validator("application")
    @classmethod
    def _has_fair_further_fields(cls, application: LoanApplication) -> LoanApplication:
        return with_fair_further_fields(application)


class Decision(Value):
    """A decision and where it comes from."""

    outcome: Outcome
    """Approved, refused, or review: a person decides."""
    probability_of_default: Probability
    """Calibrated: of a hundred loans at 0.08, eight default."""
    score: Score
    """Points from 300 to 850; more is safer."""
    threshold: Probability
    """Probability of default from which the model refuses."""
    reasons: tuple[Reason, ...]
    """The strongest first; for a refusal those that spoke against."""
    policy_rule: str | None = None
    """The policy rule that decided before the model, if one did."""
    policy_version: str
    """Version of the policy rules that were asked."""
    model: ModelIdentity
    """The model that decided."""
    catalogue_version: str
    """Feature catalogue of the vector."""
    computed_at: AwareDatetime
    """When the vector was made."""
    decided_at: AwareDatetime
    """When the decision was made."""
    lineage: Lineage
    """The records it was made from."""


class Failure(Value):
    """Why an application gets no decision until an operator replays it, or it is sent again."""

    stage: str
    """The stage that could not handle it."""
    error: str
    """Why."""


class Links(Value):
    """Where to look further, relative to the host."""

    self: str
    """The application."""
    events: str
    """Its events, as a stream."""


class ApplicationResource(Value):
    """An application and what is known of it."""

    application_id: str
    """Names the application."""
    state: State
    """Received, decided, or dead: a stage could not handle it."""
    channel: str | None = None
    """Where it came in."""
    submitted_at: AwareDatetime
    """When it was handed in."""
    application: dict[str, Any] | None = None
    """Its cells as they were handed in; only where one application is looked up."""
    decision: Decision | None = None
    """Left out until there is one."""
    failure: Failure | None = None
    """Only where the state is dead."""
    links: Links
    """Where to look further."""


class ApplicationSummary(Value):
    """An application in a list."""

    application_id: str
    """Names the application."""
    state: State
    """Received, decided, or dead: a stage could not handle it."""
    channel: str | None = None
    """Where it came in."""
    submitted_at: AwareDatetime
    """When it was handed in."""
    outcome: Outcome | None = None
    """Left out until there is a decision, like all below."""
    probability_of_default: Probability | None = None
    """Calibrated."""
    score: Score | None = None
    """Points from 300 to 850."""
    decided_at: AwareDatetime | None = None
    """When the decision was made."""
    links: Links
    """Where to look further."""


class Page(Value):
    """A page of applications, newest first."""

    items: tuple[ApplicationSummary, ...]
    """The applications."""
    next: str | None = None
    """Address of the next page; left out on the last."""


class BatchResult(Value):
    """What became of one line of a batch."""

    application_id: str | None = None
    """Left out where the line is not valid and names none."""
    status: int
    """What the line would have been answered on its own: 202, 200, 409, 422, 503 ..."""
    state: State | None = None
    """As in an application."""
    decision: Decision | None = None
    """Of an application that was known already."""
    problem: Problem | None = None
    """Where the line was not accepted."""


class DryRun(Described):
    """Applications to decide without recording."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    applications: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MOST_APPLICATIONS)]
    """The applications, each as in a submission; each is checked on its own."""


class Refused(Value):
    """An application that is not valid, in the place of its decision."""

    status: int
    """422."""
    problem: Problem
    """What is wrong with it."""


class DryRunDecisions(Value):
    """What would be decided."""

    decisions: tuple[TrialDecision | Refused, ...]
    """One for each application, in the order of the request."""


def links(application_id: str) -> Links:
    """Return the addresses of an application."""
    address = f"/v1/applications/{application_id}"
    return Links(self=address, events=f"{address}/events")
