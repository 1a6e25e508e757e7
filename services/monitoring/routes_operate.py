"""What an operator may do: look after alerts, ask for a report, and send a dead letter again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict, Field

from services.contracts.topics import DEAD_LETTERS
from services.kit.key_file import ApiKey, Role
from services.monitoring.alert import Alert
from services.monitoring.alert_book import AlertClearedError, UnknownAlertError
from services.monitoring.alert_delivery import PUBLISH_WITHIN
from services.monitoring.dead_letters import NoDeadLetterError, send_again
from services.monitoring.parts import Served, operator
from services.monitoring.problems import ProblemError, problems
from services.monitoring.report_requests import request

router = APIRouter(
    prefix="/v1",
    responses=problems(
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
NOT_FIRING: Final = problems(
    HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
)
Operator = Annotated[ApiKey, Security(operator, scopes=[Role.OPERATE])]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class Acknowledgement(BaseModel):
    """Why somebody takes an alert on."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Silence(Acknowledgement):
    """And for how long it is not to be sent."""

    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]


@router.post("/alerts/{alert_id}/acknowledge", responses=NOT_FIRING)
async def acknowledge(parts: Served, key: Operator, alert_id: str, given: Acknowledgement) -> Alert:
    """Take an alert on."""
    with _firing():
        return await parts.book.acknowledge(alert_id, by=key.id, reason=given.reason)


@router.post("/alerts/{alert_id}/silence", responses=NOT_FIRING)
async def silence(parts: Served, key: Operator, alert_id: str, given: Silence) -> Alert:
    """Keep an alert from being sent for a while."""
    until = datetime.now(UTC) + timedelta(minutes=given.minutes)
    with _firing():
        return await parts.book.silence(alert_id, by=key.id, reason=given.reason, until=until)


@router.post("/reports", status_code=HTTPStatus.ACCEPTED)
async def ask_for_report(parts: Served, key: Operator) -> dict[str, str]:
    """Ask for a drift report."""
    return {"report_id": await request(parts.database, key.id, datetime.now(UTC))}


@router.post("/dead-letters/{topic}/{partition}/{offset}/replay", responses=problems(HTTPStatus.NOT_FOUND))
async def replay(parts: Served, _: Operator, topic: str, partition: int, offset: int) -> dict[str, str]:
    """Send a dead letter's untouched bytes to the topic that they came from."""
    if topic != DEAD_LETTERS.name:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{topic}: dead letters are in {DEAD_LETTERS.name}")
    try:
        async with parts.publisher(PUBLISH_WITHIN) as publisher:
            return {"sent_to": await send_again(parts.kafka, publisher, partition, offset)}
    except NoDeadLetterError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from error


@contextmanager
def _firing() -> Iterator[None]:
    """Tell of an alert that there is not, or that is over."""
    try:
        yield
    except UnknownAlertError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from error
    except AlertClearedError as error:
        raise ProblemError(HTTPStatus.CONFLICT, str(error)) from error
