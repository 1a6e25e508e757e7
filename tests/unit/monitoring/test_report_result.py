"""What PostgreSQL keeps of a report, from now and from before."""

from datetime import UTC, datetime
from typing import Any

from services.monitoring.report_requests import RequestedReport

COMPARED: dict[str, Any] = {
    "name": "AMT_CREDIT",
    "statistic": "normed_wasserstein",
    "distance": 0.2,
    "drifted": True,
    "values": 600,
}


def report_with(**compared: object) -> RequestedReport:
    """Return a row of the table as PostgreSQL gives it."""
    results = {
        "rows": 600,
        "reference_rows": 1500,
        "threshold": 0.1,
        "compared": [COMPARED | compared],
        "set_aside": [],
        "untested": None,
    }
    row = {
        "report_id": "a",
        "requested_at": datetime(2026, 11, 25, tzinfo=UTC),
        "requested_by": "anna",
        "state": "done",
        "finished_at": datetime(2026, 11, 25, tzinfo=UTC),
        "model_version": "7",
        "rows": 600,
        "drifted": 1,
        "results": results,
        "run_id": "1",
        "artifact": "1/report.html",
        "error": None,
    }
    return RequestedReport.model_validate(row)


def test_a_report_that_an_earlier_release_kept_is_read() -> None:
    earlier, now = report_with(reference_values=1500).results, report_with().results
    assert earlier is not None
    assert earlier == now
    assert earlier.compared[0].model_dump() == COMPARED
