"""The headers of records: CloudEvents attributes on events, and what a dead letter is marked with.

All values are text in UTF-8.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a record. `always` is False where it may be left out."""

    name: str
    description: str
    example: str
    always: bool = True


CLOUD_EVENT_HEADERS = (
    Header("content-type", "Media type of the value.", "application/json"),
    Header("ce_specversion", "Version of CloudEvents.", "1.0"),
    Header("ce_id", "Id of the event, unique in its source.", "loan.features.v1:2:40917"),
    Header("ce_source", "Who speaks: the service.", "octroi/scoring"),
    Header("ce_type", "Namespace, event and version.", "io.octroi.ApplicationDecided.v1"),
    Header("ce_subject", "What the event is about: the same text as the key.", "web-2026-000417"),
    Header("ce_time", "When the event was written, RFC 3339.", "2026-03-31T09:30:00.512+00:00"),
    Header("ce_requestid", "Id of the request that began it.", "5f0c2a9e", always=False),
)
"""What `encode` writes: CloudEvents 1.0 in binary mode."""

DEAD_LETTER_HEADERS = (
    Header("octroi_stage", "The stage that could not read the record.", "feature"),
    Header(
        "octroi_error",
        "Why, naming the field and what it may hold.",
        "application.AMT_CREDIT: Field required",
    ),
    Header("octroi_attempt", "How often it was tried, counting the replays of an operator.", "1"),
    Header("octroi_origin_topic", "Topic that the record came from.", "loan.applications.v1"),
    Header("octroi_origin_partition", "Its partition there.", "2"),
    Header("octroi_origin_offset", "Its offset there.", "40917"),
    Header("octroi_failed_at", "When it was given up, RFC 3339.", "2026-03-31T09:30:00.498+00:00"),
    Header(
        "octroi_headers_left_out",
        "How many headers of its own the record had, where they have more than 16 kB and are left out.",
        "3 of 20480 bytes",
        always=False,
    ),
)
"""What every stage adds to a record that it cannot read; the record's own headers stay."""
