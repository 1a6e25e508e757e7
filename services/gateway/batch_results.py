"""What became of a file, row by row in its order: one part at a time, so that any length can be told."""

import csv
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from services.gateway import batch_queries as queries
from services.gateway.batch_part import APPLICATION, TOLD_ROWS, WHOLE_ROW, application_id
from services.gateway.batch_store import BatchStore
from services.kit.database import rows_of

HEADER: Final = (
    "row",
    "application_id",
    "SK_ID_CURR",
    "outcome",
    "probability_of_default",
    "score",
    "reasons",
    "error",
)
BETWEEN: Final = " | "
CANCELLED: Final = "cancelled"
NOT_VALID: Final = f"{WHOLE_ROW}: Is not valid; errors are kept of the first {TOLD_ROWS} such rows"
"""Of a row whose errors are not kept."""
Row = Mapping[str, Any]


async def results(store: BatchStore, batch_id: str) -> AsyncIterator[bytes]:
    """Yield the results as CSV. May raise UnavailableError between two parts."""
    yield _csv([HEADER])
    after = -1
    while part := await _next_part(store, batch_id, after):
        yield _csv(_lines(batch_id, *part))
        after = part[0]["part"]


async def _next_part(
    store: BatchStore, batch_id: str, after: int
) -> tuple[Row, Sequence[Row], Sequence[Row]] | None:
    """Return the part behind another one, its decisions and its errors."""
    async with store.transaction() as connection:
        parts = await rows_of(connection, queries.NEXT_PART, {"batch_id": batch_id, "after": after})
        if not parts:
            return None
        part = parts[0]
        ids = {name: part[name] for name in ("first_id", "last_id")}
        decisions = await rows_of(connection, queries.PART_DECISIONS, ids)
        rows = {name: part[name] for name in ("first_row", "last_row")}
        asked = {"batch_id": batch_id, "limit": None, **rows}
        return part, decisions, await rows_of(connection, queries.ERRORS, asked)


def _lines(
    batch_id: str, part: Row, decisions: Sequence[Row], errors: Sequence[Row]
) -> Iterator[Sequence[object]]:
    """Yield the cells of each row of the part."""
    loans = dict(zip(part["row_numbers"], part["loans"], strict=True))
    decided = {decision["application_id"]: decision for decision in decisions}
    said: defaultdict[int, list[str]] = defaultdict(list)
    for error in errors:
        said[error["row"]].append(f"{error['field']}: {error['message']}")
    never = {error["row"] for error in errors if error["field"] != APPLICATION}
    for row in range(part["first_row"], part["last_row"] + 1):
        name = application_id(batch_id, row)
        # A row that never became an application has no decision: one under its id is another's. One that a
        # stage refused may have been replayed and decided since.
        decision = decided.get(name) if row in loans and row not in never else None
        if decision is not None:
            yield row, name, loans[row], *_told(decision), ""
        elif row in said or row not in loans:
            yield row, "", loans.get(row, ""), "", "", "", "", BETWEEN.join(said[row]) or NOT_VALID
        else:
            yield row, name, loans[row], "", "", "", "", CANCELLED if part["state"] == "dropped" else ""


def _told(decision: Row) -> tuple[object, ...]:
    reasons = BETWEEN.join(reason["text"] for reason in decision["reasons"])
    return decision["outcome"], decision["probability_of_default"], decision["score"], reasons


def _csv(lines: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
