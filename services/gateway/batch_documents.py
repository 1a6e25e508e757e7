"""What OpenAPI says of the operations on batches."""

from typing import Final

from services.gateway import batch_examples as examples
from services.gateway.batch_file import CSV
from services.gateway.batch_resources import BatchListing, ErrorListing, NewBatch
from services.gateway.documents import JsonObject, answer, content, header, operation, query_parameters
from services.gateway.examples import as_json
from services.gateway.reading import JSON
from services.kit.key_file import Role

BATCH_ID: Final[JsonObject] = {
    "name": "batch_id",
    "in": "path",
    "required": True,
    "description": "Names the batch.",
    "schema": {"type": "string"},
    "example": examples.ID,
}
UNKNOWN: Final = {404: "Nobody sent such a batch."}
ANOTHER: Final = {409: "Another file was sent with this key."}


def submit_file() -> JsonObject:
    """Document the operation that takes a file."""
    key = header("Idempotency-Key", "Yours to choose; names the file.", "day-0331")
    accepted = content(JSON, "BatchResource", example=as_json(examples.running()))
    return operation(
        "submitFile",
        Role.SUBMIT,
        {202: answer("Kept; it runs.", accepted, "Location", "Idempotency-Replayed")},
        (409, 413, 415, 422),
        words=ANOTHER,
        requestBody={"required": True, "content": content(CSV, {"type": "string"}, example=examples.FILE)},
        parameters=[*query_parameters(NewBatch), key],
    )


def list_batches() -> JsonObject:
    """Document the operation that lists batches."""
    shown = content(JSON, "BatchList", example=as_json(examples.listed()))
    answers = {200: answer("The latest batches.", shown)}
    return operation("listBatches", Role.READ, answers, (422,), parameters=query_parameters(BatchListing))


def find_batch() -> JsonObject:
    """Document the operation that shows a batch."""
    shown = content(JSON, "BatchResource", example=as_json(examples.running()))
    answers = {200: answer("What is known of it.", shown)}
    return operation("findBatch", Role.READ, answers, (404,), words=UNKNOWN, parameters=[BATCH_ID])


def cancel_batch() -> JsonObject:
    """Document the operation that cancels a batch."""
    shown = content(JSON, "BatchResource", example=as_json(examples.cancelled()))
    answers = {200: answer("The batch as it is now.", shown)}
    return operation("cancelBatch", Role.SUBMIT, answers, (404,), words=UNKNOWN, parameters=[BATCH_ID])


def batch_results() -> JsonObject:
    """Document the operation that gives results."""
    shown = content(CSV, {"type": "string"}, example=examples.RESULTS)
    answers = {200: answer("A line for each row.", shown)}
    return operation("batchResults", Role.READ, answers, (404,), words=UNKNOWN, parameters=[BATCH_ID])


def batch_errors() -> JsonObject:
    """Document the operation that tells errors."""
    shown = content(JSON, "BatchErrors", example=as_json(examples.errors()))
    answers = {200: answer("What is wrong with rows, of the first 1,000 that are not valid.", shown)}
    parameters = [BATCH_ID, *query_parameters(ErrorListing)]
    return operation("batchErrors", Role.READ, answers, (404, 422), words=UNKNOWN, parameters=parameters)
