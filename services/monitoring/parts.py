"""What the operators' interface is made of, and who may operate."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import APIKeyHeader
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.key_file import ApiKey, Role
from services.kit.key_ring import KeyRing
from services.kit.settings import KafkaSettings, StreamSettings
from services.monitoring.alert_book import AlertBook
from services.monitoring.champion import Champion
from services.monitoring.history import History
from services.monitoring.pipeline import Pipeline
from services.monitoring.problems import ProblemError
from services.monitoring.reporting import Reporter
from services.monitoring.retraining import Retraining
from services.monitoring.settings import MonitoringSettings

API_KEY: Final = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)
Shown = Annotated[str | None, Security(API_KEY)]


@dataclass(frozen=True)
class Parts:
    """All that requests are served with."""

    settings: MonitoringSettings
    database: AsyncEngine
    kafka: KafkaSettings
    stream: StreamSettings
    champion: Champion
    history: History
    pipeline: Pipeline
    book: AlertBook
    reporter: Reporter
    retraining: Retraining
    keys: KeyRing
    stopping: Callable[[], bool]
    """Whether the service ends: streams must, too."""

    @property
    def last(self) -> str:
        """Name of the window by count."""
        return f"last-{self.settings.last}"


def parts_of(request: Request) -> Parts:
    """Return the parts that the application was made with."""
    parts: Parts = request.app.state.parts
    return parts


def operator(request: Request, shown: Shown) -> ApiKey:
    """Return the key of who acts. Raises ProblemError where none is shown or it may not operate."""
    key = parts_of(request).keys.find(shown) if shown else None
    if key is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "Show an active API key in the header X-API-Key.")
    if Role.OPERATE not in key.roles:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"The key {key.id} lacks the role {Role.OPERATE}.")
    return key
