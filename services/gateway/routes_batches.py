"""Files of applications: handed in, looked at, cancelled, and their results."""

from functools import partial
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from starlette.requests import Request

from services.contracts.events import OUTCOMES
from services.gateway import batch_documents as documents
from services.gateway.access import permitted
from services.gateway.batch_file import CSV
from services.gateway.batch_intake import Upload
from services.gateway.batch_resources import (
    BatchError,
    BatchErrors,
    BatchList,
    BatchListing,
    BatchResource,
    ErrorListing,
    NewBatch,
)
from services.gateway.batch_results import results
from services.gateway.batch_store import Batch
from services.gateway.parts import parts_of
from services.gateway.problems import ProblemError
from services.gateway.reading import SHOWN_ID, media_type, read_query, read_request_key
from services.gateway.rendering import REPLAYED, json_response
from services.kit.key_file import Role

ADDRESS: Final = "/v1/batches"
BATCH: Final = f"{ADDRESS}/{{batch_id}}"


async def submit_file(request: Request) -> Response:
    """Hand in a CSV file of applications.

    Its columns are those of the application table; it must have a header, and up to 10,000,000 rows. Empty
    cells, and columns that are not there, are not known; without SK_ID_CURR a row's number stands for it, and
    TARGET is not read. The file is kept, then its rows are decided like all applications, while you are away.
    A row that is not valid does not hold up the others; all such rows are counted, and the errors of the
    first 1,000 kept. With an `Idempotency-Key` the same file can be sent again safely.
    """
    caller = permitted(request, Role.SUBMIT)
    media_type(request, CSV)
    upload = Upload(read_query(request, NewBatch).name, read_request_key(request, caller))
    received = await parts_of(request).intake.receive(request.stream(), upload)
    headers = {"Location": f"{ADDRESS}/{received.batch.batch_id}"}
    if received.replayed:
        headers[REPLAYED] = "true"
    return json_response(_resource(received.batch), HTTPStatus.ACCEPTED, headers)


async def list_batches(request: Request) -> Response:
    """List the latest batches, newest first, with their counts of this moment."""
    permitted(request, Role.READ)
    found = await parts_of(request).store.newest(read_query(request, BatchListing).limit)
    shown = [_resource(batch).model_copy(update={"score_histogram": None}) for batch in found]
    return json_response(BatchList(batches=tuple(shown)))


async def find_batch(request: Request) -> Response:
    """Show a batch: how many rows are handed in and decided, and how. It may be asked for every second."""
    permitted(request, Role.READ)
    return json_response(_resource(await _known(request)))


async def cancel_batch(request: Request) -> Response:
    """Cancel a batch: rows that are not handed in yet are dropped, those that are will be decided."""
    permitted(request, Role.SUBMIT)
    batch = await _known(request)
    await parts_of(request).store.cancel(batch.batch_id)
    return json_response(_resource(await _known(request)))


async def batch_results(request: Request) -> Response:
    """Get what became of each row, in the order of the file, as CSV.

    Rows that are not decided yet have no outcome; what is wrong with a row stands in `error`. Where a file
    has more than 1,000 rows that are not valid, `error` says of the further ones only that they are not.
    """
    permitted(request, Role.READ)
    batch = await _known(request)
    headers = {"Content-Disposition": f'attachment; filename="{batch.batch_id}.csv"'}
    stream = results(parts_of(request).store, batch.batch_id)
    return StreamingResponse(stream, headers=headers, media_type=CSV)


async def batch_errors(request: Request) -> Response:
    """List what is wrong with rows, in their order: the field and what it may hold.

    The errors of the first 1,000 rows that are not valid are kept. Further ones are counted in the batch's
    `invalid`, and its results name them. A valid row that is refused later has its error here in any case.
    """
    permitted(request, Role.READ)
    asked = read_query(request, ErrorListing)
    batch = await _known(request)
    found = await parts_of(request).store.errors(batch.batch_id, after=asked.after, limit=asked.limit)
    return json_response(BatchErrors(errors=tuple(BatchError.model_validate(row) for row in found)))


async def _known(request: Request) -> Batch:
    batch_id: str = request.path_params["batch_id"]
    batch = await parts_of(request).store.find(batch_id) if "\0" not in batch_id else None
    if batch is None:
        detail = f"There is no batch {batch_id[:SHOWN_ID]}."
        raise ProblemError(HTTPStatus.NOT_FOUND, detail, kind="unknown-batch")
    return batch


def _resource(batch: Batch) -> BatchResource:
    tally = batch.tally
    return BatchResource.model_validate(
        {
            **{name: getattr(batch, name) for name in ("batch_id", "name", "state", "rows", "handed_in")},
            **{name: getattr(batch, name) for name in ("invalid", "created_at", "finished_at")},
            **{outcome: tally.of(outcome) for outcome in OUTCOMES},
            "decided": tally.decided(),
            "score_histogram": tally.histogram(),
        }
    )


def add_batch_routes(router: APIRouter) -> None:
    """Add the routes of batches."""
    post = partial(router.add_api_route, methods=["POST"], tags=["batches"])
    get = partial(router.add_api_route, methods=["GET"], tags=["batches"])
    post(ADDRESS, submit_file, **documents.submit_file())
    get(ADDRESS, list_batches, **documents.list_batches())
    # Before the batch itself, whose id would take the rest of these for its own.
    post(f"{BATCH}:cancel", cancel_batch, **documents.cancel_batch())
    get(BATCH, find_batch, **documents.find_batch())
    get(f"{BATCH}/results", batch_results, **documents.batch_results())
    get(f"{BATCH}/errors", batch_errors, **documents.batch_errors())
