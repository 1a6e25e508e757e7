"""Who calls, how often, and what they may do."""

from http import HTTPStatus
from math import ceil
from time import time
from typing import Final

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.context import context_of
from services.gateway.problems import ProblemError
from services.kit.key_file import ApiKey, Role
from services.kit.key_ring import KeyRing

BEARER: Final = "bearer "
POLICY: Final = '"key"'


class RateLimit:
    """Counts the requests of each key in windows of some seconds, in this process."""

    def __init__(self, requests: int, seconds: int) -> None:
        self._item = RateLimitItemPerSecond(requests, seconds)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def spend(self, key_id: str, headers: dict[str, str]) -> None:
        """Count a request and tell in `headers` what is left. Raises ProblemError when the rate is spent."""
        granted = await self._limiter.hit(self._item, key_id)
        window = await self._limiter.get_window_stats(self._item, key_id)
        seconds = max(1, ceil(window.reset_time - time()))
        headers["RateLimit-Policy"] = f"{POLICY};q={self._item.amount};w={self._item.get_expiry()}"
        headers["RateLimit"] = f"{POLICY};r={window.remaining};t={seconds}"
        if not granted:
            detail = f"This key's {self._item.amount} requests are spent; go on in {seconds} s."
            retry = {"Retry-After": str(seconds)}
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=retry)


class Access:
    """Notes whose key a request shows, if any, and holds the key to its rate."""

    def __init__(self, app: ASGIApp, keys: KeyRing, rate: RateLimit) -> None:
        self._app = app
        self._keys = keys
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError."""
        shown = _shown(scope) if scope["type"] == "http" else ""
        caller = self._keys.find(shown) if shown else None
        if caller is not None:
            context = context_of(scope)
            context.caller = caller
            await self._rate.spend(caller.id, context.headers)
        await self._app(scope, receive, send)


def _shown(scope: Scope) -> str:
    headers = Headers(scope=scope)
    authorization = headers.get("authorization", "")
    bearer = authorization[len(BEARER) :] if authorization.lower().startswith(BEARER) else ""
    return headers.get("x-api-key", "") or bearer


def permitted(request: Request, role: Role) -> ApiKey:
    """Return the key of who calls. Raises ProblemError when there is none, or when it lacks `role`."""
    caller = context_of(request.scope).caller
    if caller is None:
        detail = "Show an active API key in the header X-API-Key, or as Authorization: Bearer."
        raise ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
    if role not in caller.roles:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"This key lacks the role {role}.")
    return caller
