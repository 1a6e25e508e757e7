"""Who calls, how often, and what they may do."""

from dataclasses import dataclass
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
from services.kit.key_ring import SHOW_A_KEY, KeyRing, shown_key


@dataclass(frozen=True, slots=True)
class Measured:
    """Whose requests are counted together, as the header RateLimit names it and as a sentence does."""

    policy: str
    subject: str


KEY: Final = Measured('"key"', "This key's {} requests are spent")
ADDRESS: Final = Measured('"address"', "This address's {} requests without an active API key are spent")


class RateLimit:
    """Counts requests in windows of some seconds, in this process."""

    def __init__(self, requests: int, seconds: int, measured: Measured = KEY) -> None:
        self._item = RateLimitItemPerSecond(requests, seconds)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._measured = measured

    async def spend(self, who: str, headers: dict[str, str]) -> None:
        """Count a request and tell in `headers` what is left. Raises ProblemError when the rate is spent."""
        granted = await self._limiter.hit(self._item, who)
        window = await self._limiter.get_window_stats(self._item, who)
        seconds, policy = max(1, ceil(window.reset_time - time())), self._measured.policy
        headers["RateLimit-Policy"] = f"{policy};q={self._item.amount};w={self._item.get_expiry()}"
        headers["RateLimit"] = f"{policy};r={window.remaining};t={seconds}"
        if not granted:
            detail = f"{self._measured.subject.format(self._item.amount)}; go on in {seconds} s."
            retry = {"Retry-After": str(seconds)}
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=retry)


class Access:
    """Notes whose key a request shows, if any, and holds the key to its rate.

    Requests that are refused for want of a key are counted by address. One with an active key never is, so
    that nobody can keep out others behind the same address.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, rate: RateLimit, refused: RateLimit) -> None:
        self._app = app
        self._keys = keys
        self._rate = rate
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError."""
        shown = shown_key(Headers(scope=scope)) if scope["type"] == "http" else ""
        caller = self._keys.find(shown) if shown else None
        if caller is not None:
            context = context_of(scope)
            context.caller = caller
            await self._rate.spend(caller.id, context.headers)
        try:
            await self._app(scope, receive, send)
        except ProblemError as error:
            if error.status is HTTPStatus.UNAUTHORIZED:
                await self._refused.spend(_address(scope), context_of(scope).headers)
            raise


def _address(scope: Scope) -> str:
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else "unknown"


def permitted(request: Request, role: Role) -> ApiKey:
    """Return the key of who calls. Raises ProblemError when there is none, or when it lacks `role`."""
    caller = context_of(request.scope).caller
    if caller is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, SHOW_A_KEY, headers={"WWW-Authenticate": "Bearer"})
    if role not in caller.roles:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"This key lacks the role {role}.")
    return caller
