"""Settings of the gateway, beside those that every service has."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration


class GatewaySettings(BaseSettings):
    """How the gateway listens, how long it waits and how much it takes."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_GATEWAY_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    """Port of the REST interface, the probes and the metrics; 0 takes any free one."""
    api_keys_file: Annotated[Path, Field(validation_alias="OCTROI_API_KEYS_FILE")]
    """Hashed API keys; written by `python -m services.gateway.keys`, and read again when it changes."""
    longest_wait: Duration = timedelta(seconds=30)
    """Longest wait for a decision that a request may ask for; whole seconds."""
    lookup_within: Duration = timedelta(milliseconds=500)
    """Longest look into the ledger for an id that may be known; without an answer the id counts as new."""
    read_within: Duration = timedelta(seconds=2)
    """Longest wait for the ledger where it alone can answer."""
    publish_within: Duration = timedelta(seconds=2)
    """Longest wait for Kafka to have an application; together with the look below 3 s."""
    trial_within: Duration = timedelta(seconds=3)
    """Longest wait for scoring to answer a trial."""
    retry_after: Duration = timedelta(seconds=2)
    """When clients should try again after a 503; whole seconds."""
    largest_body: PositiveInt = 8 * 1024 * 1024
    """Bytes of a request, batches included; an application of its own is held to the contract's limit."""
    bodies_held: PositiveInt = 256 * 1024 * 1024
    """Bytes of memory that all requests at hand take, batch files left out, as they are estimated before they
    are read: 4 for each byte of a body, 72 for each value in it, 3,072 for each application of many. More are
    refused with 503; one that takes a quarter of it alone, with 413."""
    largest_file: PositiveInt = 200 * 1024 * 1024
    """Bytes of a batch file; it is read and kept piece by piece."""
    files_in_flight: PositiveInt = 10
    """Most batch files of all keys that are read at a time, each in up to 20 MB of memory; one more is
    refused with 503. One key has nine tenths of it at the most."""
    store_within: Duration = timedelta(seconds=5)
    """Longest wait for PostgreSQL to keep or show a part of a batch file."""
    batch_in_flight: PositiveInt = 2_000
    """Most rows of batches that are handed in and not decided, over all gateways: an applicant who comes
    meanwhile waits behind them."""
    batch_check_every: Duration = timedelta(milliseconds=100)
    """Pause between two looks at what was decided, while batches run."""
    batch_look_every: Duration = timedelta(seconds=2)
    """Pause between two looks for batches that came in at another gateway, while none runs."""
    requests_per_second: PositiveInt = 5_000
    """Most requests of one API key, counted by each gateway process for itself; a batch is one request."""
    burst_seconds: PositiveInt = 1
    """The rate holds on average over this many seconds; within them it may be spent at once."""
    refused_per_minute: PositiveInt = 600
    """Most requests of one address without an active API key that are told so; further ones get 429. One
    with an active key is never held back. Behind a proxy name it in FORWARDED_ALLOW_IPS, or all requests
    share its address."""
    requests_in_flight: PositiveInt = 500
    """Most requests of all keys that hand something in and are not answered; one more is refused with 503,
    after half of `retry_after`. One key has nine tenths of it at the most.
    With more at a time none is decided sooner, and with thousands Kafka's answers come too late for all."""
    remembered: PositiveInt = 4_096
    """Applications and decisions of the last moments that are known before the ledger has them; 5 kB each.
    Of applications no more than `remembered_bytes`."""
    remembered_bytes: PositiveInt = 32 * 1024 * 1024
    """Bytes of these applications: with many fields that nobody knows one may have 256 kB."""
    heartbeat: Duration = timedelta(seconds=10)
    """Pause between heartbeats of an event stream."""
