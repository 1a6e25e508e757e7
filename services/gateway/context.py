"""What is known of the request at hand, from its first middleware to its last line of log."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import Scope

from services.kit.key_file import ApiKey

SCOPE_KEY: Final = "octroi"
"""Where a request's scope has its context."""


def _not_counted(_: int) -> None:
    """Stand for the count before there is one."""


@dataclass(slots=True)
class RequestContext:
    """Filled in on the way: the key is known once it has been checked."""

    request_id: str
    """Names the request in answers, logs and events."""
    caller: ApiKey | None = None
    """The API key that was shown, if it is one of ours."""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with the answer, whatever it will be."""
    hold: Callable[[int], None] = _not_counted
    """Counts so many bytes of memory more until the request is answered. Raises ProblemError for too many."""


def context_of(scope: Scope) -> RequestContext:
    """Return the context that `Observation` put into the scope."""
    context: Any = scope[SCOPE_KEY]
    assert isinstance(context, RequestContext)  # noqa: S101 - wired wrongly, not asked wrongly
    return context
