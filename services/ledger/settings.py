"""The ledger's own settings. Each is an environment variable."""

from datetime import timedelta

from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration
from services.kit.stream_settings import StreamSettings


class LedgerSettings(BaseSettings):
    """How the ledger writes."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_LEDGER_", frozen=True, extra="ignore")

    write_within: Duration = timedelta(seconds=10)
    """A batch that PostgreSQL has not taken by then is given up and tried again."""


class LedgerStreamSettings(StreamSettings):
    """The stream's settings, with the ledger's own defaults."""

    fetch_wait: Duration = timedelta(milliseconds=20)
    """Two of its topics are empty nearly always, and must not keep it from the other two."""
    gather: Duration = timedelta(milliseconds=50)
    """The book may be a moment behind the stream: few large commits cost less than many small ones."""
    gather_from: PositiveInt = 1
