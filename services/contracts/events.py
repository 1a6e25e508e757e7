"""The events of an application's life, from submitted to repaid or defaulted."""

from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints

from services.contracts.application import LoanApplication
from services.contracts.cells import Category
from services.contracts.event import (
    ApplicationId,
    Event,
    GivenMoment,
    Moment,
    RecordPosition,
    Value,
    printable,
)

Probability = Annotated[float, Field(ge=0, le=1)]
LOWEST_SCORE: Final = 300
HIGHEST_SCORE: Final = 850
Score = Annotated[int, Field(ge=LOWEST_SCORE, le=HIGHEST_SCORE)]
Outcome = Literal["approved", "refused", "review"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
"""In the order in which counts of them are stored, which must stay."""
ModelRole = Literal["champion", "challenger"]
MODEL_ROLES: Final[tuple[ModelRole, ...]] = get_args(ModelRole)
Channel = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=32, pattern=r"^[^\u0000-\u001f\u007f]+$")
]
NAMES_KEPT, NAME_LENGTH = 20, 64


def shortened(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first 20 names, cut to 64 printable characters: who makes a wire form must do so itself."""
    # They come from outside: without a limit, a valid application could make an event too large to read.
    return tuple(printable(name, NAME_LENGTH) for name in islice(names, NAMES_KEPT))


Names = Annotated[tuple[str, ...], AfterValidator(shortened)]


class ApplicationEvent(Event):
    """An event about one application, keyed by its id."""

    application_id: ApplicationId
    """Names the application: chosen by who hands it in, never used for another."""

    def subject(self) -> str:
        """Return the application's id."""
        return self.application_id


class LoanApplicationSubmitted(ApplicationEvent):
    """Somebody asks for a loan."""

    event: Literal["LoanApplicationSubmitted"] = "LoanApplicationSubmitted"
    version: Literal[1] = 1
    submitted_at: GivenMoment | None = None
    """When it was handed in; the record's own time where it is left out."""
    channel: Channel | None = None
    """Where it came in, for example branch, web or partner."""
    application: LoanApplication
    """The application itself, cell by cell; a cell that is not known is left out."""


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
    unknown_fields: Names = ()
    """Fields of the application that the contract does not have: the first 20, cut to 64 characters."""
    channel: Channel | None = None
    """Where the application came in."""
    contract_type: Category | None = None
    """Kind of loan asked for: the application's NAME_CONTRACT_TYPE."""
    submitted_at: Moment
    """When the application was handed in."""
    computed_at: Moment
    """When the vector was made."""
    application: RecordPosition
    """The application's own record."""


class Reason(Value):
    """One reason for a decision, as the applicant may be told."""

    code: str
    """Names the reason for programs; it stays the same when the text is put in better words."""
    text: str
    """The reason in plain words."""
    contribution: float
    """What it adds to the log-odds of default, calibrated; positive speaks against the applicant."""


class ModelIdentity(Value):
    """Which registered model spoke."""

    name: str
    """Name in the registry."""
    version: str
    """Version in the registry."""
    role: ModelRole
    """The champion decides; the challenger is only heard."""


class ShadowOpinion(Value):
    """What the challenger would have decided on the same vector. It decides nothing."""

    model: ModelIdentity
    """The challenger."""
    probability_of_default: Probability
    """Its calibrated probability of default."""
    score: Score
    """Its points."""
    outcome: Outcome
    """What it would have said."""


class Lineage(Value):
    """The records that a decision was made from."""

    application: RecordPosition
    """Where the application stands."""
    features: RecordPosition
    """Where its feature vector stands."""


class ApplicationDecided(ApplicationEvent):
    """An application was approved, refused or sent to a person, and why."""

    event: Literal["ApplicationDecided"] = "ApplicationDecided"
    version: Literal[1] = 1
    outcome: Outcome
    """Review means that a person decides."""
    probability_of_default: Probability
    """Calibrated: of a hundred loans at 0.08, eight default."""
    score: Score
    """Points from 300 to 850; more is safer."""
    threshold: Probability
    """Probability of default from which the model refuses, chosen for the costs of both errors."""
    reasons: Annotated[tuple[Reason, ...], Field(max_length=4)]
    """The strongest first; for a refusal those that spoke against."""
    policy_rule: str | None = None
    """Code of the policy rule that decided before the model, if one did."""
    policy_version: str
    """Version of the policy rules that were asked."""
    model: ModelIdentity
    """The champion at that moment."""
    shadow: ShadowOpinion | None = None
    """The challenger's opinion, if there was one."""
    catalogue_version: str
    """Feature catalogue of the vector."""
    channel: Channel | None = None
    """Where the application came in."""
    contract_type: Category | None = None
    """Kind of loan asked for: the application's NAME_CONTRACT_TYPE."""
    submitted_at: Moment
    """When the application was handed in."""
    computed_at: Moment
    """When its vector was made."""
    decided_at: Moment
    """When the decision was made."""
    lineage: Lineage
    """The records it was made from."""


class LoanOutcomeObserved(ApplicationEvent):
    """What the loan did: it was repaid, or its borrower defaulted."""

    event: Literal["LoanOutcomeObserved"] = "LoanOutcomeObserved"
    version: Literal[1] = 1
    outcome: Literal["repaid", "defaulted"]
    """What happened."""
    observed_at: GivenMoment
    """When it was known."""
