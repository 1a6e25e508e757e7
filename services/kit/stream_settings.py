"""How a stage reads, delivers and gives up, by environment variables."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration


class StreamSettings(BaseSettings):
    """How a stage reads, delivers and gives up."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_STREAM_", frozen=True, extra="ignore")

    delivery: Literal["exactly-once", "at-least-once"] = "exactly-once"
    """How stages that write to topics do so. At least once, what was sent and not yet committed when a
    process or its connection broke is sent again: faster with few records at a time, and consumers must know
    what they have (the ledger and the gateway do; monitoring counts a decision as often as it was sent)."""
    batch_records: PositiveInt = 4000
    """Most records in a turn, over all partitions. A turn is a transaction: in a backlog large ones halve
    what they cost the broker; otherwise a turn has what has come since the last."""
    poll_wait: Duration = timedelta(milliseconds=200)
    """Longest wait for a first record; also how soon an idle stage sees that it must stop."""
    fetch_wait: Duration = timedelta(milliseconds=50)
    """Longest that Kafka holds back an answer without records. Partitions that are not in that question wait
    as long, so a stage of several topics wants it short; shorter is more questions while nothing comes."""
    gather: Duration = timedelta(milliseconds=100)
    """Least time from one turn to the next under load, so that records gather: fewer and larger transactions.
    More than half a turn that waits is not waited for."""
    gather_from: PositiveInt = 100
    """Records in a turn that are load. One after the other, or some dozens at a time, go at once."""
    gather_few: Duration = timedelta(milliseconds=15)
    """Least time from a turn of 2 to 12 records to the next, exactly once. They would soon make a transaction
    each, and all wait for these; dozens at a time wait for their answers, and come again together."""
    session_timeout: Duration = timedelta(seconds=10)
    """After this silence the group gives a member's partitions to others."""
    request_timeout: Duration = timedelta(seconds=10)
    """Longest wait for a broker's answer."""
    transaction_timeout: Duration = timedelta(seconds=20)
    """After this the broker ends a transaction whose owner is silent."""
    retry_first: Duration = timedelta(milliseconds=200)
    """Pause before a broken session is replaced; doubled each time up to the longest."""
    retry_longest: Duration = timedelta(seconds=1)
    """Longest such pause."""
    hold: Duration = timedelta(seconds=1)
    """Pause before a held record is tried again."""
    lag_every: Duration = timedelta(seconds=1)
    """How often the lag is measured."""
    stuck_after: Annotated[Duration, Field(validate_default=True)] = timedelta(seconds=30)
    """Records wait and none arrives, or Kafka is silent, for this long: the session is replaced."""
    turn_within: Duration = timedelta(seconds=60)
    """A loop that does not turn within this time is not alive."""
    dead_letter_window: PositiveInt = 1000
    """Among this many last records dead letters are counted."""
    dead_letters_allowed: PositiveInt = 800
    """More dead letters than this in the window stop the stage with exit code 3."""

    @field_validator("stuck_after")
    @classmethod
    def _outlasts_gathering(cls, stuck_after: timedelta, known: ValidationInfo) -> timedelta:
        for name in ("gather", "gather_few"):
            if stuck_after <= known.data.get(name, timedelta(0)):
                variable = f"OCTROI_STREAM_{name.upper()}"
                raise ValueError(f"must be longer than {variable}, or what gathers counts as stuck")
        return stuck_after
