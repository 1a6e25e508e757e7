"""What the gateway answers, as far as the pages read it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.contracts.events import Outcome

Cells = dict[str, Any]
"""An application by column, as the gateway takes it; what is not known is left out."""


class Answer(BaseModel):
    """Part of an answer; what the pages do not read is passed over."""

    # What was stated by a person comes into no log, not even where it is answered wrongly.
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=(), hide_input_in_errors=True)


class Reason(Answer):
    """A reason, the strongest first."""

    code: str
    text: str
    contribution: float
    """Log-odds of default; positive speaks against the applicant."""


class Model(Answer):
    """Which model spoke."""

    name: str
    version: str
    role: str


class Decision(Answer):
    """A decision, or what one would be."""

    outcome: Outcome
    probability_of_default: float
    score: int
    threshold: float
    reasons: tuple[Reason, ...] = ()
    policy_rule: str | None = None
    model: Model
    computed_at: datetime | None = None
    decided_at: datetime | None = None
    catalogue_version: str | None = None
    policy_version: str | None = None


class Failure(Answer):
    """Why there is no decision."""

    stage: str
    error: str


class Application(Answer):
    """An application and what became of it."""

    application_id: str
    state: Literal["received", "decided", "dead"]
    channel: str | None = None
    submitted_at: datetime
    decision: Decision | None = None
    failure: Failure | None = None
    application: Cells | None = None
    """What was handed in, where the gateway tells."""


class Summary(Answer):
    """An application in a list."""

    application_id: str
    state: Literal["received", "decided", "dead"]
    channel: str | None = None
    submitted_at: datetime
    outcome: Outcome | None = None
    probability_of_default: float | None = None
    score: int | None = None
    decided_at: datetime | None = None


class Page(Answer):
    """A page of a list."""

    items: tuple[Summary, ...]
    next: str | None = None


class Batch(Answer):
    """A file of applications on its way."""

    batch_id: str
    name: str = ""
    state: Literal["running", "done", "cancelled"]
    rows: int = 0
    handed_in: int = 0
    decided: int = 0
    approved: int = 0
    refused: int = 0
    review: int = 0
    invalid: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    score_histogram: tuple[dict[str, float], ...] = ()
