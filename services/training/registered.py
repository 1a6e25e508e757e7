"""What the registry holds: aliases, and the bundles of versions. The registry must be connected."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

from services.kit.seal import SEAL_TAG, fault_of
from services.scorecard.bundle import FORMAT_VERSION, METADATA_FILE, Bundle, BundleError, from_files
from services.scorecard.bundle_limits import check_bytes
from services.training.errors import OtherFormatError, UnreadableError
from services.training.register import BUNDLE_FOLDER, Registry

_NOT_FOUND: Final[str] = ErrorCode.Name(RESOURCE_DOES_NOT_EXIST)
Found = TypeVar("Found")


def aliases_of(registry: Registry, model_name: str) -> dict[str, str]:
    """Return the version that each alias names; nothing where the model is not registered yet."""
    with registry.asking(f"tell the aliases of {model_name}"):
        model = _found(lambda: mlflow.MlflowClient().get_registered_model(model_name))
    return {alias: str(version) for alias, version in model.aliases.items()} if model else {}


def bundle_of(registry: Registry, model_name: str, version: str) -> Bundle:
    """Download the bundle of a version.

    Raises TrainingError when the registry does not hand it out; UnreadableError, which is one too, when there
    is no such version or this release cannot read it, and of these OtherFormatError for another's format.
    """
    with registry.asking(f"tell where {model_name} version {version} is kept"):
        client = mlflow.MlflowClient()
        registered = _found(lambda: client.get_model_version(model_name, version))
        kept_at = registered and client.get_model_version_download_uri(model_name, version)
    if not registered:
        raise UnreadableError(
            f"{model_name} has no version {version}; name one that the registry's page of the model lists"
        )
    with registry.asking(f"hand out the bundle of {model_name} version {version}"):
        files = _files(f"{kept_at}/artifacts/{BUNDLE_FOLDER}")
    if not files:
        raise UnreadableError(
            f"{model_name} version {version} cannot decide: MLflow did not hand out the bundle, as the "
            f"version has no files in artifacts/{BUNDLE_FOLDER}; point the alias at one that training made"
        )
    fault = fault_of(files, registered.tags.get(SEAL_TAG))
    if fault is not None:
        raise UnreadableError(f"{model_name} version {version} cannot decide: {fault}")
    try:
        return from_files(files)
    except BundleError as error:
        kind = OtherFormatError if _is_of_another_format(files) else UnreadableError
        raise kind(f"{model_name} version {version} cannot decide: {error}") from error


def _is_of_another_format(files: Mapping[str, bytes]) -> bool:
    """Return whether metadata name a format, and not the one that this release reads."""
    metadata = files.get(METADATA_FILE, b"")
    with suppress(RecursionError, ValueError):
        check_bytes(metadata)
        told = loads(metadata)
        number = told.get("format_version") if isinstance(told, dict) else None
        return isinstance(number, int) and number != FORMAT_VERSION
    return False


def _files(location: str) -> dict[str, bytes]:
    """Return the files of a folder of artifacts; none where there is no such folder."""
    if not _found(lambda: mlflow.artifacts.list_artifacts(artifact_uri=location)):
        return {}
    with TemporaryDirectory() as scratch:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=location, dst_path=scratch))
        return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def _found(ask: Callable[[], Found]) -> Found | None:
    try:
        return ask()
    except MlflowException as error:
        if error.error_code != _NOT_FOUND:
            raise
        return None
