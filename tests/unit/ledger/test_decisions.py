import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.codec import ContractError
from services.contracts.examples import EXAMPLES
from services.kit.records import Partition, Record
from services.ledger.decisions import decision_row
from tests.unit.ledger.records import NOON, decision_record

EXAMPLE: dict[str, Any] = EXAMPLES["ApplicationDecided.v1"][0]


def test_a_row_holds_the_decision_and_its_lineage() -> None:
    row = decision_row(decision_record("web-1", 5))
    assert (row.application_id, row.outcome, row.score) == ("web-1", EXAMPLE["outcome"], EXAMPLE["score"])
    assert row.probability_of_default == EXAMPLE["probability_of_default"]
    assert row.threshold == EXAMPLE["threshold"]
    assert json.loads(row.reasons) == EXAMPLE["reasons"]
    assert (row.model_name, row.model_version, row.model_role) == tuple(EXAMPLE["model"].values())
    assert (row.policy_rule, row.policy_version) == (EXAMPLE.get("policy_rule"), EXAMPLE["policy_version"])
    assert (row.catalogue_version, row.channel) == (EXAMPLE["catalogue_version"], EXAMPLE["channel"])
    assert row.submitted_at == datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    assert (row.event_id, row.topic, row.partition, row.offset) == (
        "loan.features.v1:1:5",
        "loan.decisions.v1",
        1,
        5,
    )
    assert tuple(EXAMPLE["lineage"]["application"].values()) == (
        row.application_event_id,
        row.application_topic,
        row.application_partition,
        row.application_offset,
    )
    assert tuple(EXAMPLE["lineage"]["features"].values()) == (
        row.features_event_id,
        row.features_topic,
        row.features_partition,
        row.features_offset,
    )


def test_the_challengers_opinion_is_kept_where_there_was_one() -> None:
    opinion = {
        "model": {"name": "octroi-default", "version": "9", "role": "challenger"},
        "probability_of_default": 0.5,
        "score": 480,
        "outcome": "refused",
    }
    assert json.loads(decision_row(decision_record("web-1", shadow=opinion)).shadow or "") == opinion
    assert decision_row(decision_record("web-1", shadow=None)).shadow is None


def position(name: str, **changes: object) -> dict[str, object]:
    lineage = EXAMPLE["lineage"]
    return {"lineage": {**lineage, name: {**lineage[name], **changes}}}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"outcome": "perhaps"}, "outcome: "),
        ({"score": 299}, "score: "),
        ({"decided_at": "0001-01-01T00:00:00+14:00"}, "decided_at: must lie in the years 1900 to 9998"),
        (
            position("application", partition=2**31),
            "lineage.application.partition: must be at most 2147483647",
        ),
        (position("features", offset=2**63), "lineage.features.offset: must be at most"),
        (
            {"reasons": [{"code": "a", "text": "\0", "contribution": 0.1}]},
            "reasons: holds the character U+0000",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_fields_name(
    changes: dict[str, object], complaint: str
) -> None:
    value = json.dumps({**EXAMPLE, **changes}).encode()
    with pytest.raises(ContractError, match="^" + complaint.replace("+", r"\+")):
        decision_row(Record(Partition("loan.decisions.v1", 0), 0, NOON, None, value))
