"""Asking another service over REST, and what may come of it."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import httpx

ServiceName = Literal["gateway", "monitoring", "mlflow"]
AWAY: Final = frozenset(
    {httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT}
)


class AwayError(Exception):
    """A service does not answer, or says that it cannot at the moment."""

    def __init__(self, service: ServiceName) -> None:
        super().__init__(service)
        self.service = service


class RefusedError(Exception):
    """A service answered that it does not do as asked; `problem` is its document, or empty."""

    def __init__(self, service: ServiceName, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{service} answers {status}: {problem.get('detail', '')}")
        self.service = service
        self.status = status
        self.problem = problem

    @property
    def errors(self) -> tuple[Mapping[str, str], ...]:
        """The fields at fault: field, message, and what is allowed where it is told."""
        return tuple(self.problem.get("errors") or ())


class KeyFromFile(httpx.Auth):
    """Shows the API key that a file holds at that moment."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key to a request. Raises OSError where the file is gone."""
        request.headers["X-API-Key"] = self._file.read_text(encoding="utf-8").strip()
        yield request


@dataclass(frozen=True, slots=True)
class Rest:
    """One service. `client` knows its address and, where it needs one, the key."""

    name: ServiceName
    client: httpx.Client
    ready_path: str

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401
        """Return a good answer. Raises AwayError and RefusedError."""
        try:
            answer = self.client.request(method, path, **request)
        except (httpx.TransportError, OSError) as error:
            raise AwayError(self.name) from error
        if answer.status_code in AWAY:
            raise AwayError(self.name)
        if answer.is_error:
            raise RefusedError(self.name, answer.status_code, _problem(answer))
        return answer

    def told(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Return the JSON object at a path. Raises as `ask` does."""
        told = self.ask("GET", path, params=parameters).json()
        return told if isinstance(told, dict) else {}

    def is_ready(self) -> bool:
        """Tell whether the service says that it works."""
        try:
            return self.client.get(self.ready_path, timeout=2).is_success
        except (httpx.TransportError, OSError):
            return False


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
