"""Settings of the pages. Each is an environment variable."""

from datetime import timedelta
from typing import Annotated

from pydantic import AnyHttpUrl, Field, FilePath
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration, HostNames


class UiSettings(BaseSettings):
    """Where the pages are served, and where they ask."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_UI_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
    )

    host: str = "127.0.0.1"
    """Address that the pages listen on; 0.0.0.0 in a container."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 8501
    """Port of the pages."""
    allowed_hosts: HostNames = "localhost,127.0.0.1"
    """Comma-separated names, without ports, by which browsers reach the pages; `*.` in front stands for any.
    Under another one a page stays empty: a stranger's name may lead to this address too."""
    api_key_file: FilePath
    """File with the API key that the pages show to the gateway; it is read again for every request."""
    gateway_url: Annotated[AnyHttpUrl, Field(validation_alias="OCTROI_GATEWAY_URL")] = AnyHttpUrl(
        "http://127.0.0.1:8000"
    )
    """Address of the gateway, as this program reaches it."""
    monitoring_url: Annotated[AnyHttpUrl, Field(validation_alias="OCTROI_MONITORING_URL")] = AnyHttpUrl(
        "http://127.0.0.1:8004"
    )
    """Address of the monitoring service, as this program reaches it."""
    monitoring_link: AnyHttpUrl | None = None
    """Address of the operators' page as a reader's browser reaches it; the one above without it."""
    mlflow_link: AnyHttpUrl | None = None
    """Address of MLflow as a reader's browser reaches it; that of MLFLOW_TRACKING_URI without it."""
    currency: Annotated[str, Field(max_length=12)] = ""
    """The lender's currency as it stands behind amounts, for example € or CFA; nothing without it."""
    contact: Annotated[str, Field(max_length=400)] = ""
    """The lender's address, telephone and e-mail for the notice to the client, parted by semicolons."""
    connect_within: Duration = timedelta(seconds=2)
    """Longest wait for a service to take a connection."""
    answer_within: Duration = timedelta(seconds=15)
    """Longest wait for an answer; an upload may take any time."""
    decide_within: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=10)
    """Longest wait for a decision before the page of the application shows that it is on its way."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The allowed hosts, one by one."""
        return tuple(name.strip() for name in self.allowed_hosts.split(","))


def address_of(url: AnyHttpUrl) -> str:
    """Return an address as paths are put behind it."""
    return str(url).rstrip("/")
