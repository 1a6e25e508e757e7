"""What MLflow answers, read whole: bounded in bytes and in time, whatever stands where MLflow should."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx

from services.kit.errors import UnavailableError
from services.kit.mlflow_answers import Answer

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
            client.stream(method, route, **request) as coming,
        ):
            answer = Answer(coming.status_code, await _body(coming))
    except (httpx.TransportError, TimeoutError) as error:
        raise UnavailableError(f"MLflow is away: {error!r}") from error
    except (httpx.DecodingError, httpx.InvalidURL) as error:
        raise PageError(f"MLflow's answer to {route} cannot be read: {error}") from error
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(f"MLflow answers {answer.status} to {route}: {answer.begin}")
    return answer


async def _body(coming: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in coming.aiter_bytes():
        body += piece
        if len(body) > LARGEST_PAGE:
            raise PageError(
                f"{coming.url.path} has more than {LARGEST_PAGE} bytes, which no page of a report has; "
                "ask for a new report"
            )
    return bytes(body)
