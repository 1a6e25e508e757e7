"""What is known of applications: read from the ledger's view, and never written."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.contracts.event import RecordPosition
from services.contracts.events import Lineage, ModelIdentity
from services.contracts.wire import as_wire_form
from services.gateway.queries import BY_IDS, Listing, page
from services.gateway.resources import ApplicationSummary, Decision, Failure, State, links
from services.gateway.storage import storage_errors
from services.kit.database import Database, rows_of
from services.kit.errors import UnavailableError
from services.kit.packing import unpacked

LISTINGS = 2
"""At a time: some take seconds, and looks at single applications must find a connection all the same."""
T = TypeVar("T")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApplicationState:
    """An application and what became of it so far."""

    application_id: str
    state: State
    channel: str | None
    submitted_at: datetime
    event: bytes
    """Its LoanApplicationSubmitted, as Kafka has it."""
    decision: Decision | None = None
    """In its wire form."""
    failure: Failure | None = None


class States(Protocol):
    """Where the gateway looks applications up. Every method may raise UnavailableError and StatementError."""

    async def find(self, application_ids: Sequence[str], *, within: float) -> Mapping[str, ApplicationState]:
        """Return those of the applications that are known, by id."""

    async def page(self, listing: Listing, *, within: float) -> Sequence[ApplicationSummary]:
        """Return up to `listing.limit` + 1 applications: one more tells that there is a next page."""


class LedgerStates:
    """Reads the view application_states in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listings = asyncio.Semaphore(LISTINGS)

    async def find(self, application_ids: Sequence[str], *, within: float) -> Mapping[str, ApplicationState]:
        """Read by primary key. `within` is in seconds."""
        rows = await in_time(self._rows(BY_IDS, {"ids": list(application_ids)}), within)
        return {row["application_id"]: state_of(row) for row in rows}

    async def page(self, listing: Listing, *, within: float) -> Sequence[ApplicationSummary]:
        """Read by the index on the time of submission. `within` is in seconds."""
        statement, parameters = page(listing)
        return [summary_of(row) for row in await in_time(self._listed(statement, parameters), within)]

    async def _listed(self, statement: str, parameters: Row) -> Sequence[Row]:
        async with self._listings:
            return await self._rows(statement, parameters)

    async def _rows(self, statement: str, parameters: Row) -> Sequence[Row]:
        with storage_errors():
            async with self._database.connection() as connection:
                return await rows_of(connection, statement, parameters)


async def in_time(work: Coroutine[object, object, T], within: float) -> T:
    """Return the result of `work`. Raises UnavailableError when there is none after `within` seconds.

    The work is not waited for when it is cut short: a driver may need seconds to give up a dead connection.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_look_at_error)
    await asyncio.wait((task,), timeout=within)
    if task.done():
        return task.result()
    task.cancel()
    raise UnavailableError(f"PostgreSQL has not answered within {within} s")


def _look_at_error(task: Awaitable[object]) -> None:
    if isinstance(task, asyncio.Task) and not task.cancelled():
        task.exception()


def state_of(row: Row) -> ApplicationState:
    """Return the state that a row of the view tells."""
    dead = row["state"] == "dead"
    return ApplicationState(
        application_id=row["application_id"],
        state=row["state"],
        channel=row["channel"],
        submitted_at=row["submitted_at"],
        event=unpacked(row["raw"]),
        decision=_decision(row) if row["outcome"] else None,
        failure=Failure(stage=row["dead_stage"], error=row["error"]) if dead else None,
    )


def summary_of(row: Row) -> ApplicationSummary:
    """Return the short form that a row of the view tells."""
    return ApplicationSummary.model_validate({**row, "links": links(row["application_id"])})


def _decision(row: Row) -> Decision:
    model = ModelIdentity(name=row["model_name"], version=row["model_version"], role=row["model_role"])
    lineage = Lineage(application=_position(row, "decided_application"), features=_position(row, "features"))
    return as_wire_form(Decision.model_validate({**row, "model": model, "lineage": lineage}))


def _position(row: Row, record: str) -> RecordPosition:
    fields = RecordPosition.model_fields
    return RecordPosition.model_validate({field: row[f"{record}_{field}"] for field in fields})
