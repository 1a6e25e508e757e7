"""Accepting applications: is it known, is it the same, and then to Kafka."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final, NamedTuple

import structlog
from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.contracts.codec import LARGEST_EVENT, encode
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.topics import APPLICATIONS
from services.contracts.wire import fields, wire_form
from services.gateway.body_limit import require_size
from services.gateway.lookup import Accepted
from services.gateway.metrics import GatewayMetrics
from services.gateway.naming import new_application_id
from services.gateway.problems import ProblemError, unavailable
from services.gateway.resources import Submission
from services.gateway.states import ApplicationState
from services.gateway.waiting import Waiting
from services.kit.errors import UnavailableError
from services.kit.records import Message
from services.kit.transport import Publishing

SOURCE: Final = "octroi/gateway"
log = structlog.stdlib.get_logger("submissions")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told of an application that it handed in."""

    state: ApplicationState
    replayed: bool
    """Whether the application was known, so that nothing was sent."""


class Prepared(NamedTuple):
    """An application that is ready to be sent, and its state once it is."""

    state: ApplicationState
    message: Message


@dataclass(frozen=True, slots=True)
class Submissions:
    """The way of applications into the engine."""

    publisher: Publishing
    accepted: Accepted
    waiting: Waiting
    metrics: GatewayMetrics
    now: Callable[[], datetime]
    retry_after: int
    """Seconds."""

    async def submit(
        self, submission: Submission, application_id: str | None, *, request_id: str, wait: float
    ) -> Answer:
        """Accept an application, and wait up to `wait` seconds for its decision.

        Without an `application_id` it is new. Raises ProblemError for another application under a known id
        and as `prepared` does, UnavailableError when Kafka has not taken it.
        """
        name = application_id or new_application_id(self.now())
        with self.waiting.expect(name) if wait else nullcontext() as expectation:
            found = (await self.known([name])).get(name) if application_id else None
            known = same_again(submission, found)
            state = known or await self.publish(submission, name, request_id=request_id)
            if expectation is not None and state.decision is None:
                state = await self.waiting.decided(state, expectation, wait)
        return Answer(state, replayed=known is not None)

    async def known(self, application_ids: Sequence[str]) -> Mapping[str, ApplicationState]:
        """Return the applications that are known, by id; where the ledger cannot say, those remembered."""
        lookup = self.waiting.lookup
        try:
            return await lookup.find_all(application_ids, within=self.waiting.lookup_within)
        except UnavailableError as error:
            found = lookup.remembered(application_ids)
            new = [each for each in application_ids if each not in found and not self._is_decided(each)]
            # The ledger keeps the first application under an id and records a second one as a conflict.
            log.warning("taken_as_new", applications=len(new), error=str(error))
            return found

    async def publish(
        self, submission: Submission, application_id: str, *, request_id: str
    ) -> ApplicationState:
        """Send an application and return once Kafka has it.

        Raises UnavailableError, and ProblemError as `prepared` does.
        """
        ready = self.prepared(submission, application_id, request_id=request_id)
        with self.metrics.publishing():
            await self.publisher.publish(ready.message)
        self.accepted.add(ready.state)
        return ready.state

    async def publish_all(self, ready: Sequence[Prepared]) -> list[ApplicationState | None]:
        """Send applications together; return each that Kafka has, None where that is not known."""
        if not ready:
            return []
        try:
            with self.metrics.publishing():
                taken = await self.publisher.publish_all([each.message for each in ready])
        except UnavailableError:
            return [None] * len(ready)
        for each, is_taken in zip(ready, taken, strict=True):
            if is_taken:
                self.accepted.add(each.state)
        return [each.state if is_taken else None for each, is_taken in zip(ready, taken, strict=True)]

    def prepared(self, submission: Submission, application_id: str, *, request_id: str) -> Prepared:
        """Return an application of which nothing is known as it is sent.

        Raises ProblemError for one that is too large, and where a decision was seen under its id: it may be
        on other cells, which the ledger alone will tell.
        """
        if self._is_decided(application_id):
            raise unavailable(
                f"The application {application_id} was decided a moment ago and is not recorded yet, so that "
                "nobody can tell whether this one is the same; send it again.",
                self.retry_after,
            )
        submitted_at = self.now()
        event = wire_form(LoanApplicationSubmitted)(
            application_id=application_id,
            submitted_at=submitted_at,
            channel=submission.channel,
            application=submission.application,
        )
        encoded = encode(event, event_id=token_hex(16), source=SOURCE, request_id=request_id)
        require_size("An application", len(encoded.value), LARGEST_EVENT)
        message = Message(APPLICATIONS.name, *encoded)
        state = ApplicationState(application_id, "received", submission.channel, submitted_at, encoded.value)
        return Prepared(state, message)

    def _is_decided(self, application_id: str) -> bool:
        return self.waiting.arrivals.latest(application_id) is not None


def is_new(found: ApplicationState | None) -> bool:
    """Tell whether an application may be sent: it is not known, or nothing came of it."""
    return found is None or found.state == "dead"


def same_again(submission: Submission, found: ApplicationState | None) -> ApplicationState | None:
    """Return the state of an application that comes again; None where it is new or nothing came of it.

    Raises ProblemError when another application has its id.
    """
    if found is None or is_new(found):
        return None
    if same_application(submission.application, found.event):
        return found
    detail = f"Another application was handed in as {found.application_id}; an id is never used again."
    raise ProblemError(HTTPStatus.CONFLICT, detail, kind="another-application")


def same_application(application: LoanApplication, event: bytes) -> bool:
    """Tell whether `event` carries the same cells; one left out and an empty one are the same."""
    try:
        recorded = LoanApplicationSubmitted.model_validate_json(event)
    except ValidationError:
        # Another producer's, which breaks the contract: nothing valid can be the same.
        return False
    return _cells(application) == _cells(recorded.application)


def _cells(application: LoanApplication) -> Mapping[str, Any]:
    return {name: value for name, value in fields(application).items() if value is not None}
