"""A file is decided row by row, once, whatever is killed while it runs."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from itertools import islice
from typing import Any

import httpx
import pytest

from tests.e2e.following import Outsider, query, wait_for
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
NAME = "a file that outlives kills"
ROWS = 2000
BAD = range(50, ROWS, 100)
COUNTS = """
SELECT count(*), count(DISTINCT application_id) FROM ledger.{table} WHERE starts_with(application_id, %s)
"""
Batch = dict[str, Any]


def file_with_bad_rows(engine: RunningEngine) -> tuple[bytes, list[str]]:
    """Return a file of sample rows, some without an income, and the loans' numbers in its order."""
    text, loans = StringIO(newline=""), []
    with (engine.data / "application_train.csv").open(newline="") as source:
        records = csv.reader(source)
        header = next(records)
        target = csv.writer(text)
        target.writerow(header)
        for row, record in enumerate(islice(records, ROWS), 1):
            if row in BAD:
                record[header.index("AMT_INCOME_TOTAL")] = "a lot"
            loans.append(record[header.index("SK_ID_CURR")])
            target.writerow(record)
    return text.getvalue().encode(), loans


def look(client: httpx.Client, batch_id: str) -> Batch:
    """Return the batch; an empty one while the gateway is away."""
    with suppress(httpx.TransportError):
        answer = client.get(f"/v1/batches/{batch_id}")
        if answer.status_code == httpx.codes.OK:
            found: Batch = answer.json()
            return found
    return {}


@pytest.fixture
def client(engine: RunningEngine) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": engine.api_key}
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=30) as client:
        yield client


def test_a_file_outlives_kills_and_decides_each_row_once(engine: RunningEngine, client: httpx.Client) -> None:
    content, loans = file_with_bad_rows(engine)
    answer = client.post(
        "/v1/batches", params={"name": NAME}, content=content, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    batch = answer.json()
    batch_id = batch["batch_id"]
    assert (batch["rows"], batch["invalid"]) == (ROWS, len(BAD))
    wait_for(lambda: look(client, batch_id).get("handed_in", 0) > 0, seconds=60, what="it is under way")
    for program in ("gateway", "ledger", "scoring"):
        pid = engine.pids()[program]
        engine.kill(program)
        wait_for(lambda: engine.pids().get(program, 0) not in {0, pid}, seconds=60, what=program)  # noqa: B023
    wait_for(lambda: look(client, batch_id).get("state") == "done", seconds=120, what="the batch is done")
    done = look(client, batch_id)
    good = ROWS - len(BAD)
    assert (done["handed_in"], done["decided"], done["invalid"]) == (good, good, len(BAD))
    assert done["approved"] + done["refused"] + done["review"] == good
    assert sum(band["approved"] + band["refused"] for band in done["score_histogram"]) <= good

    for table in ("applications", "decisions"):
        assert query(engine, COUNTS.format(table=table), batch_id) == [(good, good)]
    assert query(engine, COUNTS.format(table="conflicts"), batch_id) == [(0, 0)]
    assert_results_are_complete_and_in_order(client, batch_id, loans)


def assert_results_are_complete_and_in_order(client: httpx.Client, batch_id: str, loans: list[str]) -> None:
    told = list(csv.DictReader(StringIO(client.get(f"/v1/batches/{batch_id}/results").text, newline="")))
    assert [int(row["row"]) for row in told] == list(range(1, ROWS + 1))
    assert [int(row["row"]) for row in told if row["error"]] == list(BAD)
    assert {row["error"].partition(":")[0] for row in told if row["error"]} == {"AMT_INCOME_TOTAL"}
    decided = [(row["SK_ID_CURR"], loan) for row, loan in zip(told, loans, strict=True) if not row["error"]]
    assert all(one == other for one, other in decided)
    assert all(row["reasons"] for row in told if row["outcome"] == "refused")


def test_no_row_is_on_the_topic_twice(engine: RunningEngine, client: httpx.Client) -> None:
    """Not even those of the part that the gateway was handing in when it was killed."""
    listed = client.get("/v1/batches").json()["batches"]
    batches = {batch["batch_id"] for batch in listed if batch["name"] == NAME}
    outsider = Outsider(engine)
    for topic in ("loan.applications.v1", "loan.decisions.v1"):
        names = Counter(value["application_id"] for value in outsider.values(topic))
        mine = {name: times for name, times in names.items() if name.partition(".")[0] in batches}
        assert len(mine) == len(batches) * (ROWS - len(BAD))
        assert set(mine.values()) == {1}
