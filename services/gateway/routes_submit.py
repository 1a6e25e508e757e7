"""Applications in: one, or a batch."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from services.contracts.wire import write
from services.gateway import application_documents as documents
from services.gateway.access import permitted
from services.gateway.batch import Sender
from services.gateway.context import context_of
from services.gateway.naming import name_application
from services.gateway.parts import parts_of
from services.gateway.reading import (
    JSON,
    NDJSON,
    media_type,
    read_batch,
    read_request_key,
    read_submission,
    read_wait,
)
from services.gateway.rendering import accepted_response
from services.kit.key_file import Role


async def submit_application(request: Request) -> Response:
    """Hand in an application.

    Answers 202 as soon as Kafka has the application, or, with the header `Prefer: wait=N`, 200 with
    the decision if it is made within N seconds. Nothing that was acknowledged is lost.

    To repeat a request safely, choose an `application_id` or send an `Idempotency-Key`, which belongs to the
    API key that sends it: the same application again is answered with what is known of it. Where nobody can
    say at once what is known (PostgreSQL is away, or both requests come at the same moment) it is taken as
    new: then two decisions are made, and the first counts. While there is a decision under its id and nobody
    can say yet whether it is the same application, it is answered 503. After a 503 it may still have arrived:
    send it again under the same id or key.
    """
    parts = parts_of(request)
    caller = permitted(request, Role.SUBMIT)
    submission = await read_submission(request)
    key = read_request_key(request, caller)
    wait = read_wait(request, int(parts.settings.longest_wait.total_seconds()))
    answer = await parts.submissions.submit(
        submission,
        name_application(submission.application_id, key),
        request_id=context_of(request.scope).request_id,
        wait=wait or 0,
    )
    return accepted_response(answer.state, replayed=answer.replayed, wait=wait)


async def submit_batch(request: Request) -> Response:
    """Hand in up to 1,000 applications.

    Send a line for each (NDJSON), or a JSON array; the answer has the same form, with a result for each
    application in the same order. One that is not valid does not hold up the others. With an
    `Idempotency-Key`, applications without an `application_id` are named by the key and their place. One
    that is answered 503 may still have arrived: send it again under the same id or key.
    """
    caller = permitted(request, Role.SUBMIT)
    lines = await read_batch(request)
    sender = Sender(read_request_key(request, caller), context_of(request.scope).request_id)
    results = await parts_of(request).batches.submit(lines, sender)
    if media_type(request, NDJSON, JSON) == NDJSON:
        return Response(b"".join(write(result) + b"\n" for result in results), media_type=NDJSON)
    return Response(write(results), media_type=JSON)


def add_submit_routes(router: APIRouter) -> None:
    """Add the routes for applications in."""
    add = partial(router.add_api_route, methods=["POST"], tags=["submit"])
    add("/v1/applications", submit_application, **documents.submit_application())
    add("/v1/applications:batch", submit_batch, **documents.submit_batch())
