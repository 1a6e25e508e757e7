"""The model registry, by MLflow's REST interface: the client library alone would take seconds to import."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.kit.errors import UnavailableError

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
BUNDLE_FOLDER = "artifacts/bundle"


class RegistryError(Exception):
    """The registry answered with something that cannot be a bundle; the message says what."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Looks up aliases of one registered model and downloads versions. Raises UnavailableError when away."""

    client: httpx.Client
    model_name: str

    def aliases(self) -> dict[str, str]:
        """Return the version that each alias names; nothing where the model is not registered yet."""
        answer = self._get(f"{API}/registered-models/get", name=self.model_name)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        named = _told(answer, "registered_model")["registered_model"].get("aliases", [])
        return {entry["alias"]: str(entry["version"]) for entry in named}

    def bundle_files(self, version: str) -> dict[str, bytes]:
        """Return the files of a version's bundle by name. Raises RegistryError when it has none."""
        answer = self._get(f"{API}/model-versions/get-download-uri", name=self.model_name, version=version)
        location = urlsplit(_told(answer, "artifact_uri")["artifact_uri"])
        if location.scheme != "mlflow-artifacts":
            raise RegistryError(
                f"version {version} is kept at {location.scheme}:, not behind the registry: "
                "start the MLflow server with --artifacts-destination and train again"
            )
        folder = f"{location.path.strip('/')}/{BUNDLE_FOLDER}"
        listed = _told(self._get(ARTIFACTS, path=folder)).get("files", [])
        if not listed:
            raise RegistryError(f"version {version} has no files under {BUNDLE_FOLDER}: train again")
        names = [file["path"].rsplit("/", 1)[-1] for file in listed]
        return {name: _checked(self._get(f"{ARTIFACTS}/{folder}/{name}")).content for name in names}

    def _get(self, route: str, **parameters: str) -> httpx.Response:
        try:
            answer = self.client.get(route, params=parameters)
        except httpx.TransportError as error:
            raise UnavailableError(f"the registry is away: {error!r}") from error
        if answer.is_server_error:
            raise UnavailableError(f"the registry answers {answer.status_code} to {route}")
        return answer


def _told(answer: httpx.Response, *fields: str) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises RegistryError where there is none, or it lacks a field."""
    try:
        told = _checked(answer).json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or not told.keys() >= set(fields):
        raise RegistryError(f"{answer.url} does not answer as MLflow does: look at MLFLOW_TRACKING_URI")
    return told


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise RegistryError(f"the registry answers {answer.status_code}: {answer.text[:200]}")
    return answer
