"""What MLflow answers, read whole: bounded in bytes and in time, whatever stands where MLflow should."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from services.kit.errors import UnavailableError
from services.kit.registry import Answer

LARGEST_PAGE: Final = 16 * 1024 * 1024
"""Bytes of any answer. Evidently's page of 20 features has 5 MB, nearly all of them scripts."""
WITHIN: Final = timedelta(seconds=60)
"""Longest time that an answer may take to come, all of it."""


class PageError(Exception):
    """MLflow cannot keep a page or has none; the message says why and what to do."""


async def ask(client: httpx.AsyncClient, method: str, route: str, **request: Any) -> Answer:  # noqa: ANN401 - as httpx takes it
    """Return what MLflow answers. Raises UnavailableError where it is away, PageError for no such answer."""
    try:
        async with (
            asyncio.timeout(WITHIN.total_seconds()),
            client.stream(method, route, **request) as told,
        ):
            answer = Answer(told.status_code, told.url.path, await _body(told))
    except (httpx.TransportError, TimeoutError) as error:
        raise UnavailableError(f"MLflow is away: {error!r}") from error
    except (httpx.DecodingError, httpx.InvalidURL) as error:
        raise PageError(f"MLflow's answer to {route} cannot be read: {error}") from error
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(f"MLflow answers {answer.status} to {answer.url}: {_begin(answer)}")
    return answer


def checked(answer: Answer) -> Answer:
    """Return the answer. Raises PageError where MLflow refuses."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise PageError(f"MLflow answers {answer.status}: {_begin(answer)}")
    return answer


def told(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises PageError where MLflow refuses, or there is none."""
    with as_mlflow_answers():
        found = json.loads(checked(answer).body)
        if not isinstance(found, dict):
            raise TypeError("not an object")
    return found


@contextmanager
def as_mlflow_answers() -> Iterator[None]:
    """Raise PageError where what is read from an answer is not there, or not of its kind."""
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise PageError("the registry does not answer as MLflow does: look at MLFLOW_TRACKING_URI") from error


async def _body(told: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in told.aiter_bytes():
        body += piece
        if len(body) > LARGEST_PAGE:
            raise PageError(
                f"{told.url.path} has more than {LARGEST_PAGE} bytes, which no page of a report has; "
                "ask for a new report"
            )
    return bytes(body)


def _begin(answer: Answer) -> str:
    return answer.body[:200].decode(errors="replace")
