"""The way to MLflow: runs, the model registry and its aliases."""

import errno
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.telemetry import set_telemetry_client

from services.kit.seal import SEAL_TAG, seal_of
from services.scorecard.bundle import Bundle, to_files
from services.training.errors import TrainingError
from services.training.signature import example, signature

BUNDLE_FOLDER: Final = "bundle"
"""Folder of the bundle's files among the artifacts of a registered model, where scoring looks for them."""
CARD_FOLDER: Final = "card"
"""Folder of the model card with its figures among the artifacts of the candidate's run."""
CHAMPION: Final = "champion"
_OF_THE_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})
"""Errors that say nothing of MLflow: what is logged lies in a folder of this machine first."""
_SERVED: Final = Path(__file__).with_name("served.py")
_CLIENT_DEFAULTS: Final = MappingProxyType(
    {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        # Seven retries, MLflow's own, keep a person waiting for minutes when no server is there.
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    }
)


class Registry:
    """An MLflow server. Every method raises TrainingError when the server does not do as asked.

    Only what logs runs needs an experiment.
    """

    def __init__(self, tracking_uri: str, experiment: str | None = None) -> None:
        self._tracking_uri = tracking_uri
        self._experiment = experiment

    def connect(self) -> None:
        """Make the server the one that this process asks, and find the experiment, or make it."""
        for name, value in _CLIENT_DEFAULTS.items():
            os.environ.setdefault(name, value)
        set_telemetry_client()  # type: ignore[no-untyped-call]
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        mlflow.set_tracking_uri(self._tracking_uri)
        if self._experiment is not None:
            with self.asking("find the experiment"):
                mlflow.set_experiment(self._experiment)

    def log(
        self,
        bundle: Bundle,
        parameters: Mapping[str, object],
        metrics: Mapping[str, float],
        card: Mapping[str, bytes],
    ) -> str:
        """Log a run with its model and the files of its card, and return the model's URI."""
        run = mlflow.start_run(run_name="candidate", nested=True)
        with self.asking("log the run"), TemporaryDirectory() as scratch, run:
            mlflow.log_params(dict(parameters))
            mlflow.log_metrics(dict(metrics))
            mlflow.log_artifacts(_folder(Path(scratch, CARD_FOLDER), card), CARD_FOLDER)
            model = mlflow.pyfunc.log_model(
                name="scorecard",
                python_model=str(_SERVED),
                artifacts={BUNDLE_FOLDER: _folder(Path(scratch, BUNDLE_FOLDER), to_files(bundle))},
                signature=signature(),
                input_example=example(),
                pip_requirements=[f"octroi[training]=={version('octroi')}"],
            )
            return str(model.model_uri)

    def register(
        self, model_uri: str, bundle: Bundle, *, tags: Mapping[str, str] | None = None, description: str = ""
    ) -> str:
        """Make a logged bundle the next version of its registered model, sealed, and return the version."""
        name, sealed = bundle.model_name, {**(tags or {}), SEAL_TAG: seal_of(to_files(bundle))}
        with self.asking(f"register {name}"):
            registered = mlflow.register_model(model_uri, name, tags=sealed)
            mlflow.MlflowClient().update_model_version(name, registered.version, description)
            return str(registered.version)

    def set_alias(self, model_name: str, alias: str, model_version: str) -> None:
        """Point an alias of a registered model at a version."""
        with self.asking(f"set the alias {alias}"):
            mlflow.MlflowClient().set_registered_model_alias(model_name, alias, model_version)

    def remove_alias(self, model_name: str, alias: str) -> None:
        """Take an alias away from a registered model."""
        with self.asking(f"remove the alias {alias}"):
            mlflow.MlflowClient().delete_registered_model_alias(model_name, alias)

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Raise TrainingError, with what was asked, for an error of the server or of the way to it."""
        try:
            yield
        except (MlflowException, OSError) as error:
            if getattr(error, "errno", None) in _OF_THE_DISK:
                raise TrainingError(
                    f"this machine does not let the training write ({error}); make room, or name a folder "
                    "that has some in TMPDIR"
                ) from error
            raise TrainingError(
                f"MLflow at {self._tracking_uri} did not {what}; {_cure(error)} ({error})"
            ) from error


def _cure(error: Exception) -> str:
    """Return what to do: an answer that refuses, as requests raises it, is not that of an absent server."""
    answer = getattr(error, "response", None)
    if answer is None:
        return "start the server, or name another in MLFLOW_TRACKING_URI"
    return f"it, or a proxy before it, answered {answer.status_code}: look into its log and its limits"


def _folder(folder: Path, files: Mapping[str, bytes]) -> str:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)
