"""Settings that every service has. Each is an environment variable; a service adds its own class."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from ssl import SSLContext, create_default_context
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    FilePath,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


def _seconds(given: object) -> object:
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError:
        return given


Duration = Annotated[timedelta, BeforeValidator(_seconds)]
"""A length of time; an environment variable gives it in seconds, as 0.2, or in ISO 8601, as PT5M."""
_HOST = r" *(\*|(\*\.)?[\w.-]+) *"
HostNames = Annotated[str, Field(pattern=rf"^{_HOST}(,{_HOST})*$")]
"""Comma-separated names of hosts. One with a port, or a whole address, would never be met."""


def milliseconds(span: timedelta) -> int:
    """Return a length of time as Kafka's client takes it."""
    return int(span.total_seconds() * 1000)


class ServiceSettings(BaseSettings):
    """How a process presents itself."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    instance: str = Field(default_factory=gethostname)
    """Name of this process among its likes, the same after a restart: its place in the consumer group. The
    machine's name without it, which tells containers apart; two processes on one machine need two names."""
    host: str = "127.0.0.1"
    """Address that the probes listen on; 0.0.0.0 in a container."""
    probe_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Port of liveness, readiness and metrics; 0 takes any free one."""
    log_format: Literal["json", "console"] = "console"
    """One JSON object per line, or readable lines."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least level that is logged."""
    grace: Duration = timedelta(seconds=10)
    """Time to finish what is in flight after SIGTERM."""


class KafkaSettings(BaseSettings):
    """Where Kafka is, and who we are to it."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_",
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    bootstrap_servers: str = "127.0.0.1:19092"
    """Comma-separated host:port of some brokers."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """Whether connections are encrypted, and whether clients log in."""
    ssl_ca_file: FilePath | None = None
    """Certificates to trust, in PEM; those of the system without it."""
    ssl_key_file: FilePath | None = None
    """Private key of our own certificate, in PEM, where Kafka asks clients for one."""
    ssl_certificate_file: Annotated[FilePath | None, Field(validate_default=True)] = None
    """That certificate, in PEM, with those that lead to its issuer."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    """How clients log in."""
    sasl_username: Annotated[str | None, Field(validate_default=True)] = None
    """Who logs in."""
    sasl_password_file: FilePath | None = None
    """File that holds the password, for platforms that keep secrets in files."""
    sasl_password: Annotated[SecretStr | None, Field(validate_default=True)] = None
    """And by what."""

    @field_validator("ssl_ca_file")
    @classmethod
    def _is_trusted(cls, path: Path | None) -> Path | None:
        return _in_pem(path, lambda: create_default_context(cafile=path))

    @field_validator("ssl_certificate_file")
    @classmethod
    def _has_its_key(cls, path: Path | None, known: ValidationInfo) -> Path | None:
        key = known.data.get("ssl_key_file")
        if (path is None) != (key is None):
            raise ValueError("goes with KAFKA_SSL_KEY_FILE: set both or neither")
        return _in_pem(path, lambda: create_default_context().load_cert_chain(str(path), key))

    @field_validator("sasl_username")
    @classmethod
    def _is_named(cls, name: str | None, known: ValidationInfo) -> str | None:
        if name is None and _logs_in(known):
            raise ValueError("is not set, and KAFKA_SECURITY_PROTOCOL says that clients log in")
        return name

    @field_validator("sasl_password")
    @classmethod
    def _is_told_once(cls, secret: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        path = known.data.get("sasl_password_file")
        if secret is not None and path is not None:
            raise ValueError("is set, and KAFKA_SASL_PASSWORD_FILE too: set one of them")
        if path is not None:
            secret = SecretStr(path.read_text(encoding="utf-8").rstrip("\r\n"))
        if not (secret and secret.get_secret_value()) and _logs_in(known):
            raise ValueError("is not set, nor is KAFKA_SASL_PASSWORD_FILE: set the one or the other")
        return secret

    @property
    def encrypted(self) -> bool:
        """Whether connections are encrypted."""
        return self.security_protocol.endswith("SSL")

    def client(self) -> dict[str, Any]:
        """Return what any of the client library's classes must know to connect."""
        secret = self.sasl_password
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
            "ssl_context": self._tls() if self.encrypted else None,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": None if secret is None else secret.get_secret_value(),
        }

    def _tls(self) -> SSLContext:
        context = create_default_context(cafile=self.ssl_ca_file)
        if self.ssl_certificate_file is not None:
            context.load_cert_chain(self.ssl_certificate_file, self.ssl_key_file)
        return context


def _logs_in(known: ValidationInfo) -> bool:
    return str(known.data.get("security_protocol")).startswith("SASL")


def _in_pem(path: Path | None, load: Callable[[], object]) -> Path | None:
    """Return the path of a file that can be loaded. Raises ValueError where it cannot."""
    try:
        if path is not None:
            load()
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be used, it must be a file in PEM: {error}") from None
    return path


class StreamSettings(BaseSettings):
    """How a stage reads, delivers and gives up."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_STREAM_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

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
    retry_longest: Duration = timedelta(seconds=3)
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
