"""What clients get of batches."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from services.contracts.described import Described
from services.contracts.event import Value

BatchState = Literal["running", "done", "cancelled"]


class NewBatch(Described):
    """What the query says of a file that is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]+$")
    ] = "batch"
    """Yours to choose, for people."""


class BatchListing(Described):
    """How many batches are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Most batches that are told."""


class ErrorListing(Described):
    """Which errors are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most errors that are told."""
    after: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    """Only errors of rows behind this one; the last one told, for the next page."""


class ScoreBand(Value):
    """Decisions with a score from `from` up to below `to`; the last band has 850, too."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    from_: Annotated[int, Field(alias="from")]
    """Lowest score."""
    to: int
    """Where the next band begins."""
    approved: int
    """Applications approved."""
    refused: int
    """Applications refused."""
    review: int
    """Applications that a person decides."""


class BatchResource(Value):
    """A file of applications and what became of it so far."""

    batch_id: str
    """Names the batch; its applications' ids begin with it."""
    name: str
    """As it was given."""
    state: BatchState
    """Running, done, or cancelled."""
    rows: int
    """Rows of the file, the header left out."""
    handed_in: int
    """Rows of which Kafka has the application."""
    decided: int
    """Rows with a decision."""
    approved: int
    """Of these, approved."""
    refused: int
    """Of these, refused."""
    review: int
    """Of these, for a person to decide."""
    invalid: int
    """Rows that are not valid and get no decision; of these, the errors of the first 1,000 are kept."""
    created_at: AwareDatetime
    """When the file came in."""
    finished_at: AwareDatetime | None = None
    """When it was done or cancelled; left out before."""
    score_histogram: tuple[ScoreBand, ...] | None = None
    """Decisions by score and outcome; left out in lists."""


class BatchList(Value):
    """Batches, newest first."""

    batches: tuple[BatchResource, ...]
    """The batches."""


class BatchError(Value):
    """What is wrong with a field of a row."""

    row: int
    """Counted from 1; the header is none."""
    field: str
    """The column; `row` where it is the whole row."""
    message: str
    """What is wrong, without the value."""


class BatchErrors(Value):
    """Errors in the order of the rows, of the first 1,000 that are not valid and of all refused later."""

    errors: tuple[BatchError, ...]
    """One for each field at fault."""
