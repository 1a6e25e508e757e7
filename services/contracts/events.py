"""The events of an application's life, from submitted to repaid or defaulted."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.application import LoanApplication
from services.contracts.event import ApplicationId, Event, Moment, RecordPosition, Value

Probability = Annotated[float, Field(ge=0, le=1)]
Outcome = Literal["approved", "refused", "review"]
Channel = Annotated[str, StringConstraints(max_length=32)]


class ApplicationEvent(Event):
    """An event about one application, keyed by its id."""

    application_id: ApplicationId

    def subject(self) -> str:
        """Return the application's id."""
        return self.application_id


class LoanApplicationSubmitted(ApplicationEvent):
    """Somebody asks for a loan."""

    event: Literal["LoanApplicationSubmitted"] = "LoanApplicationSubmitted"
    version: Literal[1] = 1
    submitted_at: Moment | None = None
    """When it was handed in; the record's own time where it is left out."""
    channel: Channel | None = None
    """Where it came in, for example branch, web or partner."""
    application: LoanApplication


class FeaturesComputed(ApplicationEvent):
    """An application was turned into the numbers that models read."""

    event: Literal["FeaturesComputed"] = "FeaturesComputed"
    version: Literal[1] = 1
    catalogue_version: str
    """Which feature catalogue gives the vector its meaning; described on the catalogues' topic."""
    vector: str
    """All features of the catalogue, in its order: little-endian float32 in base64, NaN where missing."""
    unknown_words: tuple[str, ...] = ()
    """Columns whose word is not in the catalogue's lists; they count as missing."""
    unknown_fields: tuple[str, ...] = ()
    """Fields of the application that the contract does not have; they were kept out."""
    channel: Channel | None = None
    submitted_at: Moment
    computed_at: Moment
    application: RecordPosition
    """The application's own record."""


class Reason(Value):
    """One reason for a decision, as the applicant may be told."""

    code: str
    text: str
    contribution: float
    """What it adds to the log-odds of default, calibrated; positive speaks against the applicant."""


class ModelIdentity(Value):
    """Which registered model spoke."""

    name: str
    version: str
    role: Literal["champion", "challenger"]


class ShadowOpinion(Value):
    """What the challenger would have decided on the same vector. It decides nothing."""

    model: ModelIdentity
    probability_of_default: Probability
    score: int
    outcome: Outcome


class Lineage(Value):
    """The records that a decision was made from."""

    application: RecordPosition
    features: RecordPosition


class ApplicationDecided(ApplicationEvent):
    """An application was approved, refused or sent to a person, and why."""

    event: Literal["ApplicationDecided"] = "ApplicationDecided"
    version: Literal[1] = 1
    outcome: Outcome
    probability_of_default: Probability
    score: Annotated[int, Field(ge=300, le=850)]
    """Points; more is safer."""
    threshold: Probability
    """Probability of default from which the model refuses, chosen for the costs of both errors."""
    reasons: Annotated[tuple[Reason, ...], Field(max_length=4)]
    """The strongest first; for a refusal those that spoke against."""
    policy_rule: str | None = None
    """Code of the policy rule that decided before the model, if one did."""
    policy_version: str
    model: ModelIdentity
    shadow: ShadowOpinion | None = None
    catalogue_version: str
    channel: Channel | None = None
    submitted_at: Moment
    computed_at: Moment
    decided_at: Moment
    lineage: Lineage


class LoanOutcomeObserved(ApplicationEvent):
    """What the loan did."""

    event: Literal["LoanOutcomeObserved"] = "LoanOutcomeObserved"
    version: Literal[1] = 1
    outcome: Literal["repaid", "defaulted"]
    observed_at: Moment
