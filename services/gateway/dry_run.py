"""Asking what would be decided: a question to scoring over Kafka, and the answer that comes back."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog

from services.contracts.application import LoanApplication
from services.contracts.codec import ContractError, decode, encode
from services.contracts.topics import TRIALS
from services.contracts.trials import TrialAsked, TrialDecided, TrialResult
from services.gateway.body_limit import require_size
from services.kit.errors import UnavailableError
from services.kit.records import Message, Record
from services.kit.transport import Publishing

SOURCE: Final = "octroi/gateway"
log = structlog.stdlib.get_logger("trials")


class Trials:
    """Asks scoring, and hands answers to who waits for them. Nothing is remembered."""

    def __init__(self, publisher: Publishing, *, within: float, now: Callable[[], datetime]) -> None:
        """Make the way of trials; `within` is the longest wait for an answer, in seconds."""
        self.reading = asyncio.Event()
        """Set while answers are being read."""
        self._publisher = publisher
        self._within = within
        self._now = now
        self._waiting: dict[bytes, asyncio.Future[Record]] = {}

    def take(self, record: Record) -> None:
        """Take a record of the answers' topic; most of them another gateway has asked for."""
        waiting = self._waiting.get(record.key or b"")
        if waiting is not None and not waiting.done():
            waiting.set_result(record)

    async def decide(
        self, applications: Sequence[LoanApplication], *, request_id: str
    ) -> Sequence[TrialResult]:
        """Return what would be decided on each application, in order.

        Raises UnavailableError without an answer in time, ProblemError for applications that are too large.
        """
        if not self.reading.is_set():
            raise UnavailableError("answers to trials are not being read: Kafka is away")
        answer = await self._ask(_question(applications, self._now(), request_id))
        return _results(answer, len(applications))

    async def _ask(self, question: Message) -> Record:
        key = question.key or b""
        answer: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        self._waiting[key] = answer
        try:
            async with asyncio.timeout(self._within):
                await self._publisher.publish(question)
                return await answer
        except TimeoutError:
            raise UnavailableError(f"scoring has not answered a trial within {self._within:g} s") from None
        finally:
            del self._waiting[key]


def _question(applications: Sequence[LoanApplication], asked_at: datetime, request_id: str) -> Message:
    """Return the question as it is sent: while its answer is waited for nothing else is kept of it."""
    asked = TrialAsked(
        trial_id=str(uuid4()),
        asked_at=asked_at,
        applications=tuple(each.model_dump(exclude_none=True) for each in applications),
    )
    encoded = encode(asked, event_id=asked.trial_id, source=SOURCE, request_id=request_id)
    require_size("A trial", len(encoded.value), TrialAsked.LARGEST)
    return Message(TRIALS.name, *encoded)


def _results(answer: Record, asked: int) -> Sequence[TrialResult]:
    try:
        results = decode(TrialDecided, answer.value, answer.headers).results
    except ContractError as error:
        log.error("answer_unreadable", error=str(error))  # noqa: TRY400 - the message says it all
        results = ()
    if len(results) != asked:
        raise UnavailableError("the answer to a trial cannot be read")
    return results
