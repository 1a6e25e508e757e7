"""What OpenAPI says of the operations on applications."""

from typing import Final

import orjson

from services.contracts.trials import MOST_APPLICATIONS
from services.gateway import examples
from services.gateway.documents import JsonObject, answer, content, header, operation, query_parameters
from services.gateway.queries import Listing
from services.gateway.reading import JSON, LONGEST_BATCH, NDJSON
from services.kit.key_file import Role

APPLICATION_ID: Final[JsonObject] = {
    "name": "application_id",
    "in": "path",
    "required": True,
    "description": "Names the application.",
    "schema": {"type": "string"},
    "example": examples.ID,
}
SERVER_SENT_EVENT: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["received", "decided", "dead"]},
        "id": {"type": "string", "description": "The event's name again."},
        "data": {
            "type": "string",
            "contentMediaType": JSON,
            "contentSchema": {"$ref": "#/components/schemas/ApplicationResource"},
        },
    },
    "required": ["event", "id", "data"],
}
"""What is in each event of a stream, as FastAPI and OpenAPI 3.2 say it."""


def submit_application() -> JsonObject:
    """Document the operation of one application."""
    named = {"complete": {"value": examples.COMPLETE}, "smallest": {"value": examples.SMALLEST}}
    answers = {
        202: answer(
            "Accepted: Kafka has it.",
            content(JSON, "ApplicationResource", example=examples.as_json(examples.received())),
            *("Location", "Preference-Applied", "Idempotency-Replayed"),
        ),
        200: answer(
            "Decided: within the wait, or before.",
            content(JSON, "ApplicationResource", example=examples.as_json(examples.decided())),
            *("Location", "Preference-Applied", "Idempotency-Replayed"),
        ),
    }
    return operation(
        "submitApplication",
        Role.SUBMIT,
        answers,
        (409, 413, 415, 422),
        requestBody={"required": True, "content": content(JSON, "Submission", examples=named)},
        parameters=[
            header("Prefer", "`wait=N`: answer with the decision if it is made within N seconds.", "wait=5"),
            header(
                "Idempotency-Key", "Yours to choose; names the application if it has no id.", "order-8812"
            ),
        ],
    )


def submit_batch() -> JsonObject:
    """Document the operation of many applications."""
    results = [examples.as_json(result) for result in examples.batch_results()]
    sent = [examples.COMPLETE, {"application": {"AMT_CREDIT": -1}}]
    body = content(NDJSON, "Submission", example=_lines(sent)) | content(
        JSON, _array("Submission"), example=sent
    )
    told = content(NDJSON, "BatchResult", example=_lines(results)) | content(
        JSON, _array("BatchResult"), example=results
    )
    return operation(
        "submitBatch",
        Role.SUBMIT,
        {200: answer("A result for each application, in order.", told)},
        (413, 415, 422),
        requestBody={"required": True, "content": body},
        parameters=[
            header("Idempotency-Key", "Names the lines that have no id, by their place.", "day-0331")
        ],
    )


def dry_run() -> JsonObject:
    """Document the operation that records nothing."""
    applications = _array("LoanApplication", MOST_APPLICATIONS)
    shape = {"type": "object", "properties": {"applications": applications}, "required": ["applications"]}
    asked = content(JSON, shape, example=examples.dry_run())
    told = content(JSON, "DryRunDecisions", example=examples.as_json(examples.dry_run_decisions()))
    return operation(
        "dryRun",
        Role.SUBMIT,
        {200: answer("What would be decided, in order.", told)},
        (413, 415, 422),
        requestBody={"required": True, "content": asked},
    )


def find_application() -> JsonObject:
    """Document the operation that shows an application."""
    shown = content(JSON, "ApplicationResource", example=examples.as_json(examples.whole()))
    answers = {200: answer("What is known of it.", shown)}
    return operation("findApplication", Role.READ, answers, (404,), parameters=[APPLICATION_ID])


def list_applications() -> JsonObject:
    """Document the operation that lists applications."""
    shown = content(JSON, "Page", example=examples.as_json(examples.page()))
    answers = {200: answer("A page.", shown, "Link")}
    return operation("listApplications", Role.READ, answers, (422,), parameters=query_parameters(Listing))


def follow_application() -> JsonObject:
    """Document the operation that streams events."""
    stream = (
        'event: received\nid: received\ndata: {"application_id": "web-2026-000417", ...}\n\n: heartbeat\n\n'
    )
    shown = {"text/event-stream": {"itemSchema": SERVER_SENT_EVENT, "example": stream}}
    answers = {
        200: answer("The events so far and those to come.", shown),
        204: {"description": "None is left."},
    }
    last = header(
        "Last-Event-ID", "The last event that was seen; browsers send it by themselves.", "received"
    )
    return operation("followApplication", Role.READ, answers, (404,), parameters=[APPLICATION_ID, last])


def _array(schema: str, most: int = LONGEST_BATCH) -> JsonObject:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}, "maxItems": most}


def _lines(contents: list[JsonObject]) -> str:
    return "".join(orjson.dumps(line).decode() + "\n" for line in contents)
