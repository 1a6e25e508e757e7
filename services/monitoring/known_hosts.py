"""Middleware: nothing is shown under a name that is not this service's, though it leads here.

A stranger may have the name of a page of his lead to this address (DNS rebinding): to the browser both are
one site, and the page may read what is shown here, where nobody asks for a key.
"""

from collections.abc import Collection
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from services.monitoring.problems import problem

DETAIL: Final = (
    "This service is not known by the name in the header Host; name it in OCTROI_MONITORING_ALLOWED_HOSTS."
)


class KnownHosts:
    """Refuses requests by their header Host, but for some paths, which are asked for by address."""

    def __init__(self, app: ASGIApp, names: Collection[str], free: Collection[str]) -> None:
        """Take the names, of which `*` is any and `*.x` any that ends with `.x`, and the free paths."""
        self._app = app
        self._names = names
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or refuse it."""
        refused = scope["type"] == "http" and scope["path"] not in self._free
        if refused and not is_known(Headers(scope=scope).get("host", ""), self._names):
            await problem(HTTPStatus.MISDIRECTED_REQUEST, DETAIL)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_known(host: str, names: Collection[str]) -> bool:
    """Whether the header Host, whose port says nothing, is one of the names."""
    try:
        parsed = urlsplit(f"//{host}")
    except ValueError:
        return False
    found = (parsed.hostname or "").rstrip(".")
    if not found or parsed.netloc != host or parsed.username is not None:
        return False
    return any(_matches(found, name.lower().rstrip(".")) for name in names)


def _matches(found: str, name: str) -> bool:
    return name in {"*", found} or (name.startswith("*.") and found.endswith(name[1:]))
