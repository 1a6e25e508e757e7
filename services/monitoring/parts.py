"""What the operators' interface is made of, and who may operate."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_file import ApiKey, Role
from services.kit.key_ring import SHOW_A_KEY, KeyRing, shown_key
from services.kit.transport import Publishing
from services.monitoring.alert_book import AlertBook
from services.monitoring.champion import Champion
from services.monitoring.history import History
from services.monitoring.large_answers import LargeAnswers
from services.monitoring.looks import Looks
from services.monitoring.places import Places
from services.monitoring.problems import ProblemError
from services.monitoring.reporting import Reporter
from services.monitoring.retraining import Retraining
from services.monitoring.settings import MonitoringSettings
from services.monitoring.windows import SPANS

API_KEY: Final = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)
BEARER: Final = HTTPBearer(scheme_name="bearer", auto_error=False)
# They are in the signature for the description alone: the key is read as the gateway reads it.
ByHeader = Annotated[str | None, Security(API_KEY)]
ByBearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


@dataclass(frozen=True)
class Parts:
    """All that requests are served with."""

    settings: MonitoringSettings
    database: Database
    kafka: KafkaSettings
    publisher: Callable[[timedelta], AbstractAsyncContextManager[Publishing]]
    """Connects to publish, and waits so long for Kafka to have a message on disk."""
    champion: Champion
    history: History
    looks: Looks
    streams: Places
    large: LargeAnswers
    book: AlertBook
    reporter: Reporter
    retraining: Retraining
    keys: KeyRing
    stopping: Callable[[], bool]
    """Whether the service ends: streams must, too."""

    @property
    def windows(self) -> tuple[str, ...]:
        """Names of all windows."""
        return (self.settings.window, *SPANS)


def parts_of(request: Request) -> Parts:
    """Return the parts that the application was made with."""
    parts: Parts = request.app.state.parts
    return parts


Served = Annotated[Parts, Depends(parts_of)]


def window_of(
    parts: Served,
    window: Annotated[str, Query(description="A window's name; the one by count without it.")] = "",
) -> str:
    """Return the window that is asked for. Raises ProblemError for one that there is not."""
    if window and window not in parts.windows:
        detail = f"window: must be one of {', '.join(parts.windows)}"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return window or parts.settings.window


def operator(request: Request, _key: ByHeader, _bearer: ByBearer) -> ApiKey:
    """Return the key of who acts. Raises ProblemError where none is shown or it may not operate."""
    shown = shown_key(request.headers)
    key = parts_of(request).keys.find(shown) if shown else None
    if key is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, SHOW_A_KEY, {"WWW-Authenticate": "Bearer"})
    if Role.OPERATE not in key.roles:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"The key {key.id} lacks the role {Role.OPERATE}.")
    return key
