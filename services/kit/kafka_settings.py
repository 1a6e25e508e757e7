"""Where Kafka is, and how a process logs in to it, by environment variables; and whom it reads as."""

from collections.abc import Callable
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Annotated, Any, Literal

from pydantic import Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def group_of(service: str) -> str:
    """Return the consumer group of a stream service, one for all of its instances.

    It is the name of its user, too, where none is chosen.
    """
    return f"octroi-{service}"


class KafkaSettings(BaseSettings):
    """Where Kafka is, and who we are to it."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_",
        frozen=True,
        extra="ignore",
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
