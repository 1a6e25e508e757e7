"""A foreign producer writes plain JSON, some of it broken, and gets decisions and dead letters."""

import json
from collections import Counter

import pytest

from services.contracts.examples import APPLICATION
from tests.e2e.following import Outsider, headers_of, query, wait_for
from tests.engine import RunningEngine

pytestmark = pytest.mark.kafka

GOOD = 2000
BROKEN = 200
KEPT = """
SELECT application_id, ARRAY[to_jsonb(outcome), to_jsonb(probability_of_default), to_jsonb(score)]
FROM ledger.decisions WHERE application_id LIKE %s
"""
"""What the ledger has of decisions."""


def good(number: int) -> bytes:
    cells = {**APPLICATION, "SK_ID_CURR": number + 1}
    return json.dumps({"application_id": f"outside-{number}", "application": cells}).encode()


def broken(number: int) -> bytes:
    """Return one of five kinds of records that are no applications."""
    event = json.loads(good(number)) | {"application_id": f"broken-{number}"}
    kinds = (
        b"not json",
        b"",
        json.dumps({**event, "version": 99}).encode(),
        json.dumps({**event, "application": {**event["application"], "AMT_CREDIT": "a lot"}}).encode(),
        json.dumps({**event, "note": "x" * 5_000_000}).encode() if number < 5 else b"[1, 2",
    )
    return kinds[number % len(kinds)]


def test_2000_good_and_200_broken_records(engine: RunningEngine) -> None:
    pids = engine.pids()
    outsider = Outsider(engine)
    dead_before = sum(1 for _ in outsider.all_of("loan.dead-letters.v1"))
    records = [good(number) for number in range(GOOD)]
    for number in range(BROKEN):
        records.insert(number * 11, broken(number))
    outsider.send("loan.applications.v1", *records)

    def decisions() -> Counter[str]:
        ids = (value["application_id"] for value in outsider.values("loan.decisions.v1"))
        return Counter(name for name in ids if name.startswith(("outside-", "broken-")))

    wait_for(lambda: len(decisions()) >= GOOD, seconds=60, what=f"{GOOD} decisions on the topic")
    assert decisions() == Counter({f"outside-{number}": 1 for number in range(GOOD)})

    letters = list(outsider.all_of("loan.dead-letters.v1"))[dead_before:]
    headers = [headers_of(letter) for letter in letters]
    assert len(letters) == BROKEN
    assert all(h["octroi_error"] and h["octroi_stage"] == "feature" for h in headers)
    assert sorted(letter.value() or b"" for letter in letters) == sorted(map(broken, range(BROKEN)))
    assert sum("AMT_CREDIT" in h["octroi_error"] for h in headers) == BROKEN / 5

    def recorded() -> int:
        count = "SELECT count(*) FROM application_states WHERE application_id LIKE %s AND state = 'decided'"
        return int(query(engine, count, "outside-%")[0][0])

    wait_for(lambda: recorded() == GOOD, seconds=30, what=f"{GOOD} decided applications in the ledger")
    assert dict(query(engine, KEPT, "outside-%")) == {
        value["application_id"]: [value["outcome"], value["probability_of_default"], value["score"]]
        for value in outsider.values("loan.decisions.v1")
        if value["application_id"].startswith("outside-")
    }
    assert engine.pids() == pids, "nothing was stopped"
