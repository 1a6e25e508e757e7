"""Many applications in one request: each line is accepted or refused on its own."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from pydantic import ValidationError
from pydantic_core import from_json

from services.contracts.wire import wire_form
from services.gateway.problems import ProblemError, invalid, unavailable
from services.gateway.reading import APPLICATION_ID, submission_of
from services.gateway.resources import BatchResult, Submission
from services.gateway.states import ApplicationState
from services.gateway.submissions import Submissions, name_application, same_again
from services.gateway.validation import field_problems
from services.kit.errors import UnavailableError

AT_ONCE: Final = 50
"""Lines that are worked on before other requests have their turn."""


@dataclass(frozen=True, slots=True)
class Line:
    """A valid line and where it stands."""

    number: int
    submission: Submission


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a batch, and how its lines are named."""

    key_id: str
    idempotency_key: str | None
    request_id: str

    def name(self, line: Line) -> str | None:
        """Return the line's id where it can be asked for a second time."""
        key = f"{self.idempotency_key}:{line.number}" if self.idempotency_key else None
        return name_application(line.submission.application_id, key, self.key_id)


@dataclass(frozen=True, slots=True)
class Batches:
    """The way of batches into the engine."""

    submissions: Submissions
    retry_after: int
    """Seconds."""

    async def submit(self, lines: Sequence[bytes | object], sender: Sender) -> list[BatchResult]:
        """Send all valid lines together and return a result for each line, in order."""
        results: dict[int, BatchResult] = {}
        groups: defaultdict[str, list[Line]] = defaultdict(list)
        named: list[str] = []
        for number, content in enumerate(lines):
            await _take_turns(number)
            try:
                line = Line(number, _read(content))
            except ValidationError as error:
                results[number] = _refused(
                    _named(content), invalid(field_problems(Submission, error)), sender
                )
                continue
            name = sender.name(line)
            named.extend([name] if name and name not in groups else [])
            groups[name or str(uuid4())].append(line)
        known = await self.submissions.known(named) if named else {}
        sending = []
        for number, (name, group) in enumerate(groups.items()):
            await _take_turns(number)
            sending.append(asyncio.create_task(self._send(name, group, known.get(name), sender)))
        for sent in await asyncio.gather(*sending):
            results |= sent
        return [results[number] for number in range(len(lines))]

    async def _send(
        self, application_id: str, group: Sequence[Line], found: ApplicationState | None, sender: Sender
    ) -> dict[int, BatchResult]:
        """Send the lines of one id one after the other: what the first becomes, the second must equal."""
        results: dict[int, BatchResult] = {}
        for line in group:
            try:
                found = same_again(line.submission, found) or await self.submissions.publish(
                    line.submission, application_id, request_id=sender.request_id
                )
                results[line.number] = _taken(found)
            except ProblemError as problem:
                results[line.number] = _refused(application_id, problem, sender)
            except UnavailableError:
                away = unavailable("Kafka has not taken the application; send it again.", self.retry_after)
                results[line.number] = _refused(application_id, away, sender)
        return results


async def _take_turns(number: int) -> None:
    if number % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)


def _read(content: bytes | object) -> Submission:
    if isinstance(content, bytes):
        return submission_of(content)
    return Submission.model_validate(content)


def _named(content: bytes | object) -> str | None:
    """Return the id that a line names which is not valid otherwise."""
    try:
        fields: Any = from_json(content) if isinstance(content, bytes) else content
        return APPLICATION_ID.validate_python(fields["application_id"])
    except (KeyError, TypeError, ValueError):
        return None


def _taken(state: ApplicationState) -> BatchResult:
    return wire_form(BatchResult)(
        application_id=state.application_id,
        status=200 if state.decision else 202,
        state=state.state,
        decision=state.decision,
    )


def _refused(application_id: str | None, problem: ProblemError, sender: Sender) -> BatchResult:
    document = problem.problem(sender.request_id)
    return wire_form(BatchResult)(application_id=application_id, status=document.status, problem=document)
