"""Settings of the webhook. Each is an environment variable."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, HttpUrl, SecretStr, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration


class WebhookSettings(BaseSettings):
    """Where alerts are sent, and how long that is tried."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_WEBHOOK_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: SecretStr | None = None
    """Address that alerts are posted to; without it they are not sent. Secret, as it often holds a token."""
    secret: Annotated[SecretStr | None, Field(validate_default=True)] = None
    """What alerts are signed with, 32 characters or more; the receiver has the same."""
    answer_within: Duration = timedelta(seconds=5)
    """Longest wait for an answer."""
    within: Duration = timedelta(seconds=60)
    """After this a notice is put aside until the next round."""
    retry_first: Duration = timedelta(milliseconds=500)
    """Pause before the second try; doubled each time up to the longest."""
    retry_longest: Duration = timedelta(seconds=15)
    """Longest such pause."""
    newest: Duration = timedelta(hours=1)
    """Notices that are older are not sent any more."""

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            if url is not None:
                TypeAdapter(HttpUrl).validate_python(url.get_secret_value())
        except ValidationError:
            # pydantic would quote the address.
            raise ValueError("must be an address such as https://host/path") from None
        return url

    @field_validator("secret")
    @classmethod
    def _is_there(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        shortest = 32
        if info.data.get("url") is not None and (secret is None or len(secret) < shortest):
            raise ValueError(f"must have {shortest} characters or more, as OCTROI_WEBHOOK_URL is set")
        return secret
