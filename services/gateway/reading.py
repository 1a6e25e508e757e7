"""What a request says: its body and its headers, checked."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Final, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import Request

from services.contracts.codec import LARGEST_EVENT
from services.contracts.event import ApplicationId
from services.contracts.wire import UNREADABLE, elements, reader
from services.gateway.batch_part import is_row
from services.gateway.body_limit import require_size
from services.gateway.context import context_of
from services.gateway.problems import FieldProblem, ProblemError, invalid, not_found
from services.gateway.resources import HandedIn, Submission
from services.gateway.validation import field_problems
from services.kit.key_file import ApiKey

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
IDENTITY: Final = "identity"
LONGEST_BATCH: Final = 1_000
APPLICATION_MEMORY: Final = 3_072
"""Bytes of memory that an application of many takes beside its text and values, and a line that is none: for
its id, what is sent of it, and what is answered, which may name twenty fields."""
LINE: Final = re.compile(rb"[^\r\n]+")
SHOWN_ID: Final = 64
"""Characters of an id that nothing has, of any length, that are told back."""
APPLICATION_ID: Final = TypeAdapter(ApplicationId)
WAIT: Final = re.compile(r'\bwait\s*=\s*"?(\d{1,9})\b', re.IGNORECASE)
IDEMPOTENCY_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
M = TypeVar("M", bound=BaseModel)


class _Named(BaseModel):
    """Of an application handed in nothing but its id."""

    application_id: ApplicationId | None = None


def read_application_id(request: Request) -> str:
    """Return the id in the path. Raises ProblemError for one that no application can have."""
    given: str = request.path_params["application_id"]
    try:
        return APPLICATION_ID.validate_python(given)
    except ValidationError:
        raise not_found(given[:SHOWN_ID]) from None


async def read_submission(request: Request) -> Submission:
    """Return the application in the body. Raises ProblemError."""
    media_type(request, JSON)
    submission = read_one(await request.body())
    require_own_name(submission)
    return submission


def read_one(content: bytes) -> Submission:
    """Return the application in some JSON. Raises ProblemError, for too many bytes before they are read."""
    require_size("An application", len(content), LARGEST_EVENT)
    try:
        return submission_of(content)
    except ValidationError as error:
        raise invalid(field_problems(Submission, error)) from None


def read_name(content: bytes) -> str | None:
    """Return the id that some JSON names; what else is in it goes unread. Raises one of UNREADABLE."""
    return reader(_Named, skipping=True)(content).application_id


def require_own_name(submission: Submission) -> None:
    """Raise ProblemError for an id that only a row of a batch file may have."""
    if submission.application_id is not None and is_row(submission.application_id):
        message = "Begins like the ids of rows of batch files, which the gateway alone gives"
        allowed = "an id that does not begin with b-, 32 hexadecimal digits and a dot"
        raise invalid([FieldProblem(field="application_id", message=message, allowed=allowed)])


def submission_of(content: bytes) -> Submission:
    """Return the application in some JSON, for the most part in its wire form. Raises ValidationError."""
    try:
        return cast("Submission", reader(HandedIn)(content))
    except UNREADABLE:
        return Submission.model_validate_json(content)


async def read_batch(request: Request) -> list[bytes] | list[object]:
    """Return the lines of an NDJSON body, without empty ones, or the elements of an array.

    Raises ProblemError.
    """
    form = media_type(request, NDJSON, JSON)
    body = (await request.body()).removeprefix(BOM_UTF8)
    # One more than may be tells that there are too many; a body has room for millions.
    lines = list(islice(_lines(body), LONGEST_BATCH + 1)) if form == NDJSON else _array(body)
    if not 0 < len(lines) <= LONGEST_BATCH:
        allowed = f"1 to {LONGEST_BATCH} applications"
        message = f"Has more than {LONGEST_BATCH}" if lines else "Has none"
        raise invalid([FieldProblem(field="body", message=message, allowed=allowed)])
    context_of(request.scope).hold(APPLICATION_MEMORY * len(lines))
    return lines


def _lines(body: bytes) -> Iterator[bytes]:
    return (line[0] for line in LINE.finditer(body) if line[0].strip())


def _array(body: bytes) -> list[bytes] | list[object]:
    try:
        return elements(body)
    except UNREADABLE:
        return _array_with_anything(body)


def _array_with_anything(body: bytes) -> list[object]:
    """Read what has NaN in it, too: it is refused line by line. Raises ProblemError."""
    try:
        found = from_json(body)
    except ValueError as error:
        raise invalid([FieldProblem(field="body", message=f"Invalid JSON: {error}")]) from None
    if not isinstance(found, list):
        raise invalid([FieldProblem(field="body", message="Must be an array", allowed="JSON array")])
    return found


def media_type(request: Request, *accepted: str) -> str:
    """Return the media type of the body. Raises ProblemError for one that is not accepted, or compressed."""
    if request.headers.get("content-encoding", IDENTITY).strip().lower() != IDENTITY:
        detail = "Send the body as it is, without Content-Encoding: nothing is unpacked here."
        headers = {"Accept-Encoding": IDENTITY}
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers=headers)
    given = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if given not in accepted:
        detail = f"Send the body as {' or '.join(accepted)}."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return given


def read_wait(request: Request, longest: int) -> int | None:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), at most `longest`; None where none are asked for."""
    asked = WAIT.search(", ".join(request.headers.getlist("prefer")))
    return min(int(asked[1]), longest) if asked else None


def read_request_key(request: Request, caller: ApiKey) -> str | None:
    """Return who calls with the header Idempotency-Key, which may have quotes. Raises ProblemError."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = IDEMPOTENCY_KEY.fullmatch(given)
    if key is None:
        allowed = "1 to 255 visible ASCII characters"
        field = FieldProblem(field="header.Idempotency-Key", message="Cannot be used", allowed=allowed)
        raise invalid([field])
    return f"{caller.id}:{key[1]}"


def read_query(request: Request, model: type[M]) -> M:
    """Return what the query asks for. Raises ProblemError."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise invalid(field_problems(model, error, inside="query")) from None
