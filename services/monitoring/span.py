"""The span of time that a history is asked for."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, NamedTuple

from fastapi import Depends, Query

from services.contracts.event import YEAR
from services.monitoring.problems import ProblemError

From = Annotated[
    str, Query(alias="from", description="A moment with its zone; without it an hour before the end.")
]
To = Annotated[str, Query(alias="to", description="A moment with its zone; without it now.")]


class Span(NamedTuple):
    """From when to when."""

    begin: datetime
    end: datetime


def span_of(begin: From = "", end: To = "") -> Span:
    """Return the span between `from` and `to`, the last hour without them. Raises ProblemError."""
    until = _moment("to", end) or datetime.now(UTC)
    since = _moment("from", begin) or until - timedelta(hours=1)
    if since >= until:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "from: must lie before to")
    return Span(since, until)


def _moment(name: str, given: str) -> datetime | None:
    if not given:
        return None
    try:
        # Where the calendar ends, an hour before or another zone would fall off it.
        moment = datetime.fromisoformat(given) if re.match(YEAR, given) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        detail = f"{name}: must be a moment from 1970 to 2199 such as 2026-01-31T12:00:00Z"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return moment


Asked = Annotated[Span, Depends(span_of)]
