"""Events are frozen, named, finite; topics carry them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from services.contracts.alerts import AnyAlert, ModelHealthDegraded
from services.contracts.codec import decode
from services.contracts.events import ApplicationDecided, FeaturesComputed, Reason
from services.contracts.topics import ALERTS, APPLICATIONS, CATALOGUES, DEAD_LETTERS, DECISIONS, TOPICS
from tests.contract.repository import GOLDEN


def test_an_event_is_named_by_namespace_name_and_version() -> None:
    assert ApplicationDecided.event_type() == "io.octroi.ApplicationDecided.v1"
    types = [event.event_type() for topic in TOPICS for event in topic.events]
    assert len(types) == len(set(types))


def test_an_event_cannot_be_changed() -> None:
    reason = Reason(code="c", text="t", contribution=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        reason.contribution = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_event_holds_no_number_that_json_cannot_write(number: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        Reason(code="c", text="t", contribution=number)
    with pytest.raises(ValidationError, match="finite number"):
        ModelHealthDegraded(
            alert_id="1",
            raised_at=datetime(2026, 3, 31, tzinfo=UTC),
            model_name="m",
            model_version="1",
            metric="auc",
            value=number,
            limit=0.7,
        )


def test_every_alert_of_the_topic_can_be_told_from_the_others() -> None:
    assert set(get_args(get_args(AnyAlert)[0])) == set(ALERTS.events)


def test_topics_keep_records_as_long_as_they_say() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS) == 9
    assert DECISIONS.configuration() == {
        "cleanup.policy": "delete",
        "retention.ms": str(30 * 24 * 60 * 60 * 1000),
        "max.message.bytes": str(8 * 1024 * 1024),
        "message.timestamp.type": "CreateTime",
    }
    assert APPLICATIONS.configuration()["message.timestamp.type"] == "LogAppendTime"
    assert CATALOGUES.configuration()["cleanup.policy"] == "compact"
    assert CATALOGUES.configuration()["retention.ms"] == "-1"
    # What becomes a dead letter must not be gone from its topic before the letter is.
    assert DEAD_LETTERS.retention is not None
    assert DEAD_LETTERS.retention >= (APPLICATIONS.retention or timedelta.max)


def test_names_from_outside_cannot_make_an_event_too_large_to_read() -> None:
    names = ("COLOUR", "bad\x00name", "x" * 200_000, *(f"FIELD_{number}" for number in range(1000)))
    golden = decode(FeaturesComputed, (GOLDEN / "FeaturesComputed.v1.json").read_bytes())
    features = FeaturesComputed(**{**dict(golden), "unknown_fields": names})
    assert features.unknown_fields[:3] == ("COLOUR", "bad\ufffdname", "x" * 64)
    assert len(features.unknown_fields) == 20
