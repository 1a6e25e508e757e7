"""Evidently's report of a window against the reference rows. Only report_process imports this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report  # type: ignore[import-untyped]
from evidently.legacy.tests.base_test import TestStatus  # type: ignore[import-untyped]
from evidently.presets import DataDriftPreset  # type: ignore[import-untyped]
from numpy.typing import NDArray

from services.monitoring.distances import statistic_of
from services.monitoring.report_columns import Column, columns_of, present, why_set_aside
from services.monitoring.report_notes import EMPTY_PAGE, with_notes
from services.monitoring.report_result import ComparedFeature, ReportResult, SetAside
from services.monitoring.summary import Statistic
from services.scorecard.catalogue import Matrix
from services.scorecard.profile import Distribution

LEAST_VALUES: Final = 100
"""Of fewer values in the window, a feature of it is not told."""
METHODS: Final[dict[Statistic, str]] = {
    "normed_wasserstein": "wasserstein",
    "jensen_shannon": "jensenshannon",
}
"""Evidently's names. They are pinned: by itself it takes p-values where the reference is below 1,000 rows."""


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A report for programs and for persons."""

    result: ReportResult
    html: str
    """A page that needs no other file."""


def drift_report(
    reference: Matrix,
    current: Matrix,
    features: Sequence[Distribution],
    *,
    threshold: float,
    least_rows: int,
) -> DriftReport:
    """Compare the columns of two matrices, shape (rows, features) with NaN where missing, by Evidently.

    A feature that cannot be compared is set aside. A window of fewer than `least_rows` is not compared:
    chance alone makes distances of the threshold's size in it.
    Raises ValueError when the columns are not the features.
    """
    columns = columns_of(reference, current, features)
    faults = {column.name: why_set_aside(column, LEAST_VALUES) for column in columns}
    usable = [column for column in columns if faults[column.name] is None]
    untested = why_untested(len(current), least_rows, len(usable))
    compared, page = ((), EMPTY_PAGE) if untested else _compare(usable, threshold)
    result = ReportResult(
        rows=len(current),
        reference_rows=len(reference),
        threshold=threshold,
        compared=compared,
        set_aside=tuple(SetAside(name=name, why=why) for name, why in faults.items() if why),
        untested=untested,
    )
    return DriftReport(result, with_notes(page, result))


def why_untested(rows: int, least_rows: int, usable: int) -> str | None:
    """Say why a window is not compared at all; None where it is."""
    if rows < least_rows:
        return (
            f"the window has {rows} rows, and a report needs at least {least_rows}: ask again when more came"
        )
    return None if usable else "no feature can be compared: each one's reason stands beside it"


def _compare(columns: Sequence[Column], threshold: float) -> tuple[tuple[ComparedFeature, ...], str]:
    """Run Evidently over columns that it can compare; return what it found and its page."""
    kinds = DataDefinition(
        numerical_columns=[column.name for column in columns if not column.feature.labels],
        categorical_columns=[column.name for column in columns if column.feature.labels],
    )
    methods = {column.name: METHODS[statistic_of(column.feature)] for column in columns}
    preset = DataDriftPreset(per_column_method=methods, threshold=threshold)
    now, before = (
        Dataset.from_pandas(pd.DataFrame(frame), data_definition=kinds)
        for frame in (
            {column.name: _shown(column.feature, column.current) for column in columns},
            {column.name: _shown(column.feature, column.reference) for column in columns},
        )
    )
    snapshot = Report([preset], include_tests=True).run(now, before)
    return _found(columns, snapshot.dict()), snapshot.get_html_str(as_iframe=False)


def _found(columns: Sequence[Column], snapshot: Mapping[str, Any]) -> tuple[ComparedFeature, ...]:
    """Read Evidently's distances, and its tests, which alone say what is drifted."""
    distances = {
        metric["config"]["column"]: float(metric["value"])
        for metric in snapshot["metrics"]
        if "column" in metric["config"]
    }
    failed = {
        test["metric_config"]["params"]["column"]
        for test in snapshot["tests"]
        if test["status"] == TestStatus.FAIL and "column" in test["metric_config"]["params"]
    }
    return tuple(
        ComparedFeature(
            name=column.name,
            statistic=statistic_of(column.feature),
            distance=distances[column.name],
            drifted=column.name in failed,
            values=present(column.current).size,
        )
        for column in columns
    )


def _shown(feature: Distribution, values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the values as Evidently reads them: numbers, or words for the codes of a category."""
    if not feature.labels:
        return values
    words = np.array([*feature.labels, None], dtype=object)
    # By the bins that the window's own counts are made in; a missing value has the place after the last.
    codes = np.where(np.isnan(values), len(feature.labels), np.searchsorted(feature.edges, values, "right"))
    shown: NDArray[Any] = words[codes]
    return shown
