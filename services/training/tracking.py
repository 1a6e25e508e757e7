"""A campaign's runs in MLflow: one for the whole, one in it for each arm, one in that for each grid point."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import time
from typing import Final

import mlflow
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from pydantic import ValidationError

from services.training.comparison import ComparisonRow, table
from services.training.comparison_plots import comparison_plot, folds_plot
from services.training.search import ArmResult, GridPoint, result_of

ARM_KEY: Final = "octroi.arm"
"""Tag of an arm's run: what its result depends on, as one hash."""
RESULT_FILE: Final = "result.json"
FIGURE_FILE: Final = "folds.png"


@contextmanager
def campaign_run(parameters: Mapping[str, object]) -> Iterator[None]:
    """Open the run of a campaign; what is logged meanwhile is nested in it."""
    with mlflow.start_run(run_name="campaign"):
        mlflow.log_params(dict(parameters))
        yield


def finished_arm(key: str) -> ArmResult | None:
    """Return the result of an arm that an earlier campaign finished, None where none has."""
    finished = f"tags.`{ARM_KEY}` = '{key}' and attributes.status = 'FINISHED'"
    for run in mlflow.search_runs(filter_string=finished, max_results=1, output_format="list"):
        try:
            return result_of(mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/{RESULT_FILE}"))
        except (MlflowException, ValidationError):
            # A run without a result that this release can read is searched anew.
            return None
    return None


def record_arm(result: ArmResult, key: str) -> None:
    """Log an arm with its points; its run is finished only when all of it is there."""
    with mlflow.start_run(run_name=result.arm.name, nested=True, tags={ARM_KEY: key}) as arm_run:
        for point in result.points:
            with mlflow.start_run(run_name=point.name, nested=True) as point_run:
                _log_point(point_run.info.run_id, point, {})
        arm = result.arm
        described = {"model": arm.model, "features": arm.features, "balance": arm.balance}
        _log_point(arm_run.info.run_id, result.best, described)
        mlflow.log_metric("search_seconds", result.seconds)
        mlflow.log_figure(folds_plot(result), FIGURE_FILE)
        mlflow.log_dict(result.document(), RESULT_FILE)


def record_text(name: str, text: str) -> None:
    """Log a text to the campaign's run."""
    mlflow.log_text(text, name)


def record_comparison(rows: Sequence[ComparisonRow]) -> None:
    """Log the comparison's table and figure to the campaign's run."""
    mlflow.log_text(table(rows), "comparison.md")
    mlflow.log_figure(comparison_plot(rows), "comparison.png")


def _log_point(run: str, point: GridPoint, described: Mapping[str, str]) -> None:
    now = int(time() * 1000)
    metrics = [Metric(name, value, now, 0) for name, value in _means(point).items()]
    for name, folds in (
        ("fold_auc", point.auc),
        ("fold_business_score", point.business_score),
        ("fold_brier_score", point.brier_score),
    ):
        metrics += [Metric(name, value, now, fold) for fold, value in enumerate(folds)]
    parameters = [Param(name, str(value)) for name, value in {**described, **point.parameters}.items()]
    mlflow.MlflowClient().log_batch(run, metrics=metrics, params=parameters)


def _means(point: GridPoint) -> dict[str, float]:
    return {
        "auc": sum(point.auc) / len(point.auc),
        "business_score": sum(point.business_score) / len(point.business_score),
        "brier_score": sum(point.brier_score) / len(point.brier_score),
        "fit_seconds": point.fit_seconds,
        "microseconds_per_row": point.microseconds_per_row,
    }
