"""The files between the service and the process that makes a report: a window in, figures and a page out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import TypeAdapter

from services.monitoring.report_result import ReportResult
from services.scorecard.catalogue import Matrix
from services.scorecard.profile import Distribution
from services.scorecard.reference import matrix_of

RESULT_FILE: Final = "result.json"
PAGE_FILE: Final = "report.html"


@dataclass(frozen=True, slots=True, eq=False)
class CurrentRows:
    """The window, and what its champion knows of the rows that it learnt from."""

    model_version: str
    features: Sequence[Distribution]
    """Those of the bundle's reference profile."""
    reference: bytes
    """The bundle's reference rows, in numpy's format; empty where the bundle has none."""
    current: Matrix
    """Rows of the window, columns as `features`."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportWindow:
    """All that a report is made of."""

    features: tuple[Distribution, ...]
    reference: Matrix
    current: Matrix
    threshold: float
    least_rows: int


def write_window(path: Path, rows: CurrentRows, *, threshold: float, least_rows: int) -> None:
    """Write the rows for the process. Raises ValueError where the reference cannot be what it must be."""
    np.savez(
        path,
        features=_text(TypeAdapter(Sequence[Distribution]).dump_json(rows.features)),
        reference=matrix_of(rows.reference, len(rows.features)),
        current=rows.current,
        threshold=threshold,
        least_rows=least_rows,
    )


def read_window(path: Path) -> ReportWindow:
    """Read what `write_window` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return ReportWindow(
            features=TypeAdapter(tuple[Distribution, ...]).validate_json(arrays["features"].tobytes()),
            reference=arrays["reference"],
            current=arrays["current"],
            threshold=float(arrays["threshold"]),
            least_rows=int(arrays["least_rows"]),
        )


def write_report(folder: Path, result: ReportResult, page: str) -> None:
    """Write a report's figures and its page."""
    (folder / RESULT_FILE).write_text(result.model_dump_json(), encoding="utf-8")
    (folder / PAGE_FILE).write_text(page, encoding="utf-8")


def read_report(folder: Path) -> tuple[ReportResult, bytes]:
    """Read what `write_report` wrote: figures and page."""
    figures = ReportResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    return figures, (folder / PAGE_FILE).read_bytes()


def _text(content: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(content, dtype=np.uint8)
