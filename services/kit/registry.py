"""The model registry, by MLflow's REST interface: the client library alone would take seconds to import."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from services.kit.errors import UnavailableError
from services.kit.mlflow_answers import API, ARTIFACTS, Answer, as_mlflow_answers, checked, told
from services.kit.seal import SEAL_TAG, fault_of

BUNDLE_FOLDER = "artifacts/bundle"
BUNDLE_FILES: Final = ("bundle.json", "booster.json", "reference.npy")
"""All that a bundle's folder is read for; `services.scorecard.bundle` says what they hold."""
LARGEST_ANSWER: Final = 16 * 1024 * 1024
"""Bytes. The largest file of a bundle that training makes has 0.8 MB, and ten times as many trees make 3 MB.
JSON takes two to twenty times as much memory when it is read, and scoring's pods have 512 MB."""
VERSION: Final = re.compile(r"[0-9]{1,18}")


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
        if answer.status == HTTPStatus.NOT_FOUND:
            return {}
        with as_mlflow_answers(RegistryError):
            named = told(answer, RegistryError)["registered_model"].get("aliases", [])
            return {str(entry["alias"]): str(entry["version"]) for entry in named}

    def bundle_files(self, version: str) -> dict[str, bytes]:
        """Return the files of a version's bundle by name. Raises RegistryError when it has none.

        What else lies in its folder is passed over; a version that is no number, files that do not bear out
        the version's seal, or a file of more than LARGEST_ANSWER bytes are a RegistryError too.
        """
        check_version(version)
        seal = self._seal(version)
        folder = f"{self._location(version)}/{BUNDLE_FOLDER}"
        answer = self._get(ARTIFACTS, path=folder)
        with as_mlflow_answers(RegistryError):
            files = told(answer, RegistryError).get("files", [])
            listed = {file["path"].rpartition("/")[2] for file in files}
        if not listed:
            raise RegistryError(f"version {version} has no files under {BUNDLE_FOLDER}: train again")
        names = [name for name in BUNDLE_FILES if name in listed]
        found = {name: self._file(f"{folder}/{name}") for name in names}
        fault = fault_of(found, seal)
        if fault is not None:
            raise RegistryError(f"version {version}: {fault}")
        return found

    def _seal(self, version: str) -> str | None:
        answer = self._get(f"{API}/model-versions/get", name=self.model_name, version=version)
        with as_mlflow_answers(RegistryError):
            tags = told(answer, RegistryError)["model_version"].get("tags", [])
            return {str(tag["key"]): str(tag["value"]) for tag in tags}.get(SEAL_TAG)

    def _file(self, path: str) -> bytes:
        return checked(self._get(f"{ARTIFACTS}/{path}"), RegistryError).body

    def _location(self, version: str) -> str:
        """Return where a version is kept among all artefacts of the server."""
        answer = self._get(f"{API}/model-versions/get-download-uri", name=self.model_name, version=version)
        with as_mlflow_answers(RegistryError):
            location = urlsplit(str(told(answer, RegistryError)["artifact_uri"]))
        if location.scheme != "mlflow-artifacts":
            raise RegistryError(
                f"version {version} is kept at {location.scheme}:, not behind the registry: "
                "start the MLflow server with --artifacts-destination and train again"
            )
        return location.path.strip("/")

    def _get(self, route: str, **parameters: str) -> Answer:
        try:
            with self.client.stream("GET", route, params=parameters) as coming:
                answer = Answer(coming.status_code, _body(coming))
        except httpx.TransportError as error:
            raise UnavailableError(f"the registry is away: {error!r}") from error
        except (httpx.DecodingError, httpx.InvalidURL) as error:
            raise RegistryError(f"the registry's answer to {route} cannot be read: {error}") from error
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnavailableError(f"the registry answers {answer.status} to {route}")
        return answer


def check_version(version: str) -> None:
    """Raise RegistryError where a version is no number: it becomes a part of paths."""
    if not VERSION.fullmatch(version):
        raise RegistryError(f"version {version[:50]!r} is no number: point the alias at another version")


def _body(coming: httpx.Response) -> bytes:
    body = bytearray()
    for piece in coming.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise RegistryError(
                f"{coming.url.path} has more than {LARGEST_ANSWER} bytes, which no file of a bundle has: "
                "train and register the model again, or point the alias at another version"
            )
    return bytes(body)
