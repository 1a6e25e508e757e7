"""Of what the contract allows, what the handler refuses because PostgreSQL could not keep it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.kit.records import Emit, Record, Reject
from services.monitoring.champion import Champion
from services.monitoring.countable import LONGEST_VERSION
from services.monitoring.observations import MonitoringHandler
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import (
    decision_records,
    feature_records,
    opinion,
)

LATE = 10**17
"""A producer's clock in milliseconds: beyond all calendars."""
Change = Callable[[dict[str, Any]], object]


def changed(record: Record, change: Change) -> Record:
    """Return a record of an event that was changed as JSON."""
    event = json.loads(record.value or b"")
    change(event)
    return record._replace(value=json.dumps(event).encode())


def model(version: str) -> Change:
    return lambda event: event["model"].update(version=version)


def challenger(version: str) -> Change:
    return lambda event: event["shadow"]["model"].update(version=version)


def decided(moment: str) -> Change:
    return lambda event: event.update(decided_at=moment)


def decisions(matrix: Matrix, champion: Champion) -> list[Record]:
    assert champion.current is not None
    return decision_records(matrix[:3], champion.current, shadow=opinion())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (model("7\0"), "model.version"),
        (model("7" * (LONGEST_VERSION + 1)), "model.version"),
        (model("7\n"), "model.version"),
        (model(""), "model.version"),
        (challenger("\0"), "shadow.model.version"),
        (challenger("8" * 4000), "shadow.model.version"),
        (decided("0001-01-01T00:00:00+05:00"), "decided_at"),
        (decided("1969-12-31T23:59:59Z"), "decided_at"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused_and_its_neighbours_are_not(
    matrix: Matrix, champion: Champion, change: Change, field: str
) -> None:
    records = decisions(matrix, champion)
    records[1] = changed(records[1], change)
    before, refused, after = MonitoringHandler(champion)(records)
    assert (type(before), type(after)) == (Emit, Emit)
    assert isinstance(refused, Reject)
    assert refused.error.startswith(f"{field}: must ")


@pytest.mark.parametrize("version", ["7" * LONGEST_VERSION, "7.1-rc.2", "sept"])
def test_another_version_is_counted(matrix: Matrix, champion: Champion, version: str) -> None:
    for change in (model(version), challenger(version)):
        [result] = MonitoringHandler(champion)([changed(decisions(matrix, champion)[0], change)])
        assert isinstance(result, Emit)


def test_a_moment_that_no_block_has_a_number_for_is_refused_and_where_one_is_sane_that_counts(
    matrix: Matrix, champion: Champion
) -> None:
    sane, late = decisions(matrix, champion)[:2]
    far = decided("2129-01-01T00:00:00Z")
    counted, refused = MonitoringHandler(champion)(
        [changed(sane, far), changed(late, far)._replace(timestamp=LATE)]
    )
    assert isinstance(counted, Emit)
    assert counted.items[0].at == sane.time()
    assert refused == Reject("decided_at: must lie in the years 1970 to 2128")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"catalogue_version": "\0"}, "catalogue_version"),
        ({"catalogue_version": "c" * 100_000}, "catalogue_version"),
        ({"computed_at": "0001-01-01T00:00:00Z"}, "computed_at"),
    ],
)
def test_a_vector_that_cannot_be_counted_is_refused_and_does_not_wait(
    matrix: Matrix, champion: Champion, change: dict[str, str], field: str
) -> None:
    records = feature_records(matrix[:2])
    refused, counted = MonitoringHandler(champion)(
        [changed(records[0], lambda event: event.update(change)), records[1]]
    )
    assert isinstance(counted, Emit)
    assert isinstance(refused, Reject)
    assert refused.error.startswith(f"{field}: must ")
