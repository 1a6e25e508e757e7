"""Records as the ledger reads them."""

import json

from services.contracts.codec import encode
from services.contracts.events import ApplicationDecided, LoanOutcomeObserved
from services.contracts.examples import APPLICATION, EXAMPLES
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, OUTCOMES
from services.kit.records import Headers, Partition, Record

NOON = 1_774_958_400_000
"""2026-03-31T12:00:00Z in milliseconds."""


def submitted(application_id: str, **changes: object) -> bytes:
    """Return an application's JSON; `changes` replace its fields."""
    event = {
        "application_id": application_id,
        "submitted_at": "2026-03-31T09:30:00Z",
        "channel": "web",
        "application": APPLICATION,
    }
    return json.dumps(event | changes).encode()


def application_record(value: bytes | None, offset: int = 0, *, headers: Headers = ()) -> Record:
    return Record(Partition(APPLICATIONS.name, 1), offset, NOON, None, value, headers)


def decision_record(application_id: str, offset: int = 0, **changes: object) -> Record:
    example = EXAMPLES["ApplicationDecided.v1"][0]
    event = ApplicationDecided.model_validate({**example, **changes, "application_id": application_id})
    encoded = encode(event, event_id=f"loan.features.v1:1:{offset}", source="octroi/scoring")
    partition = Partition(DECISIONS.name, 1)
    return Record(partition, offset, NOON, *encoded)


def outcome_record(application_id: str, outcome: str, observed_at: str, offset: int = 0) -> Record:
    event = LoanOutcomeObserved.model_validate(
        {"application_id": application_id, "outcome": outcome, "observed_at": observed_at}
    )
    value = event.model_dump_json().encode()
    return Record(Partition(OUTCOMES.name, 1), offset, NOON, application_id.encode(), value)


def dead_letter_record(
    value: bytes | None, offset: int = 0, *, key: bytes | None = None, **changes: bytes | None
) -> Record:
    """Return a dead letter as the stages write it; None leaves a header out."""
    headers = {
        "octroi_stage": b"feature",
        "octroi_error": b"application.AMT_CREDIT: Field required",
        "octroi_attempt": b"2",
        "octroi_origin_topic": APPLICATIONS.name.encode(),
        "octroi_origin_partition": b"3",
        "octroi_origin_offset": b"40917",
        "octroi_failed_at": b"2026-03-31T12:00:01.250+00:00",
    }
    kept = tuple((name, text) for name, text in (headers | changes).items() if text is not None)
    return Record(Partition(DEAD_LETTERS.name, 1), offset, NOON, key, value, kept)
