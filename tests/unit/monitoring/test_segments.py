"""Segments: each application in all, and in one of its channel and one of its contract type."""

import pytest

from services.monitoring.segments import Segments

SEGMENTS = Segments(("branch", "web"), ("Cash loans",))


@pytest.mark.parametrize(
    ("channel", "contract_type", "segments"),
    [
        (None, None, ("all",)),
        ("web", None, ("all", "web")),
        ("post", None, ("all", "other")),
        (None, "Cash loans", ("all", "contract:Cash loans")),
        ("branch", "Lease", ("all", "branch", "contract:other")),
        ("Cash loans", "web", ("all", "other", "contract:other")),
    ],
)
def test_an_application_counts_in_the_segments_it_tells_of(
    channel: str | None, contract_type: str | None, segments: tuple[str, ...]
) -> None:
    assert SEGMENTS.of(channel, contract_type) == segments
