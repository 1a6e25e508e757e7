"""What Evidently's page does not tell: what was compared with what, and which features were set aside."""

from html import escape
from typing import Final

from services.monitoring.report_result import ReportResult

EMPTY_PAGE: Final = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="UTF-8"><title>Drift report</title></head>'
    "<body></body></html>\n"
)
BEGIN: Final = "<body>"
STYLE: Final = "margin: 1.5rem; font-family: system-ui, sans-serif"


def with_notes(page: str, result: ReportResult) -> str:
    """Return a page that begins with the notes. Raises ValueError where the page has no body."""
    head, begin, rest = page.partition(BEGIN)
    if not begin:
        raise ValueError(f"Evidently's page has no {BEGIN}: look at what its release changed")
    return f"{head}{begin}{notes(result)}{rest}"


def notes(result: ReportResult) -> str:
    """Return the notes as HTML."""
    told = (
        f"{result.rows} rows of the window against {result.reference_rows} that the champion learnt from. "
        f"{result.drifted} of {len(result.compared)} compared features are drifted: "
        f"their distance is {result.threshold:g} or more."
    )
    if result.untested:
        told = f"Nothing was compared: {result.untested}."
    aside = "".join(
        f"<li><b>{escape(feature.name)}</b>: {escape(feature.why)}</li>" for feature in result.set_aside
    )
    listed = f"<p>Set aside:</p><ul>{aside}</ul>" if aside else ""
    return f'<section style="{STYLE}"><p>{escape(told)}</p>{listed}</section>'
