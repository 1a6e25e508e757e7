"""Many applications in one request: each line is accepted or refused on its own."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from services.contracts.codec import LARGEST_EVENT
from services.contracts.wire import UNREADABLE, wire_form
from services.gateway.naming import name_application, new_application_id
from services.gateway.problems import ProblemError, invalid, unavailable
from services.gateway.reading import APPLICATION_ID, read_name, read_one, require_own_name
from services.gateway.resources import BatchResult, Submission
from services.gateway.states import ApplicationState
from services.gateway.submissions import Prepared, Submissions, is_new, same_again
from services.gateway.validation import field_problems

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

    request_key: str | None
    """Who sends it, and the Idempotency-Key, where there is one."""
    request_id: str
    names_rows: bool = False
    """Whether it is the work on batch files: nobody else may give the ids of their rows."""

    def name(self, line: Line) -> str | None:
        """Return the line's id where it can be asked for a second time."""
        key = f"{self.request_key}:{line.number}" if self.request_key else None
        return name_application(line.submission.application_id, key)


@dataclass(frozen=True, slots=True)
class Batches:
    """The way of batches into the engine."""

    submissions: Submissions

    async def submit(self, lines: Sequence[bytes | object], sender: Sender) -> list[BatchResult]:
        """Send all valid lines together and return a result for each line, in order."""
        results: dict[int, BatchResult] = {}
        groups: defaultdict[str, list[Line]] = defaultdict(list)
        named: list[str] = []
        for number, content in enumerate(lines):
            await _take_turns(number)
            try:
                line = Line(number, _read(content, sender))
            except ProblemError as problem:
                results[number] = _refused(_named(content), problem, sender)
                continue
            name = sender.name(line)
            named.extend([name] if name and name not in groups else [])
            groups[name or new_application_id(self.submissions.now())].append(line)
        known = dict(await self.submissions.known(named)) if named else {}
        new = {name: group for name, group in groups.items() if is_new(known.get(name))}
        sent, states = await self._send(new, sender)
        results |= sent
        known |= states
        for number, (name, group) in enumerate(groups.items()):
            await _take_turns(number)
            again = [line for line in group if line.number not in results]
            results |= {line.number: self._again(line, name, known.get(name), sender) for line in again}
        return [results[number] for number in range(len(lines))]

    async def _send(
        self, new: Mapping[str, Sequence[Line]], sender: Sender
    ) -> tuple[dict[int, BatchResult], dict[str, ApplicationState]]:
        """Send together a line of each id; return results, and by id the state of what was taken."""
        results: dict[int, BatchResult] = {}
        ready: dict[str, tuple[Line, Prepared]] = {}
        for number, (name, group) in enumerate(new.items()):
            await _take_turns(number)
            for line in group:
                try:
                    event = self.submissions.prepared(line.submission, name, request_id=sender.request_id)
                except ProblemError as problem:
                    results[line.number] = _refused(name, problem, sender)
                    continue
                ready[name] = line, event
                break
        taken = await self.submissions.publish_all([event for _, event in ready.values()])
        states = {name: state for name, state in zip(ready, taken, strict=True) if state is not None}
        for number, (name, (line, _)) in enumerate(ready.items()):
            await _take_turns(number)
            found = states.get(name)
            results[line.number] = self._away(name, sender) if found is None else _taken(found)
        return results, states

    def _again(self, line: Line, name: str, found: ApplicationState | None, sender: Sender) -> BatchResult:
        """Return the result of a line whose id is known, or that of a line before."""
        try:
            same = same_again(line.submission, found)
        except ProblemError as problem:
            return _refused(name, problem, sender)
        return self._away(name, sender) if same is None else _taken(same)

    def _away(self, name: str, sender: Sender) -> BatchResult:
        detail = "Kafka has not taken the application; send it again."
        away = unavailable(detail, self.submissions.retry_after)
        return _refused(name, away, sender)


async def _take_turns(number: int) -> None:
    if number % AT_ONCE == AT_ONCE - 1:
        await asyncio.sleep(0)


def _read(content: bytes | object, sender: Sender) -> Submission:
    """Return the application of a line. Raises ProblemError."""
    valid = read_one(content) if isinstance(content, bytes) else _read_object(content)
    if not sender.names_rows:
        require_own_name(valid)
    return valid


def _read_object(content: object) -> Submission:
    try:
        return Submission.model_validate(content)
    except ValidationError as error:
        raise invalid(field_problems(Submission, error)) from None


def _named(content: bytes | object) -> str | None:
    """Return the id that a line names which is not valid otherwise."""
    try:
        if isinstance(content, bytes) and len(content) > LARGEST_EVENT:
            return read_name(content)
        fields: Any = from_json(content) if isinstance(content, bytes) else content
        return APPLICATION_ID.validate_python(fields["application_id"])
    except (KeyError, TypeError, *UNREADABLE):
        return None


def _taken(state: ApplicationState) -> BatchResult:
    return wire_form(BatchResult)(
        application_id=state.application_id,
        status=200 if state.decision else 202,
        state=state.state,
        decision=state.decision,
    )


def _refused(application_id: str | None, problem: ProblemError, sender: Sender) -> BatchResult:
    document = problem.in_wire_form(sender.request_id)
    return wire_form(BatchResult)(application_id=application_id, status=document.status, problem=document)
