"""The model registry, by MLflow's REST interface: the client library alone would take seconds to import."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from services.kit.errors import UnavailableError

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
BUNDLE_FOLDER = "artifacts/bundle"
BUNDLE_FILES: Final = ("bundle.json", "booster.json", "reference.npy")
"""All that a bundle's folder is read for; `services.scorecard.bundle` says what they hold."""
LARGEST_ANSWER: Final = 16 * 1024 * 1024
"""Bytes. The largest file of a bundle that training makes has 0.8 MB, and ten times as many trees make 3 MB.
JSON takes two to twenty times as much memory when it is read, and scoring's pods have 512 MB."""
VERSION: Final = re.compile(r"[0-9]{1,18}")


class RegistryError(Exception):
    """The registry answered with something that cannot be a bundle; the message says what."""


class Answer(NamedTuple):
    """What the registry answered, whole."""

    status: int
    url: str
    body: bytes


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
        with _as_mlflow_answers(answer):
            named = _told(answer)["registered_model"].get("aliases", [])
            return {str(entry["alias"]): str(entry["version"]) for entry in named}

    def bundle_files(self, version: str) -> dict[str, bytes]:
        """Return the files of a version's bundle by name. Raises RegistryError when it has none.

        What else lies in its folder is passed over; a version that is no number, or a file of more than
        LARGEST_ANSWER bytes, is a RegistryError too.
        """
        check_version(version)
        folder = f"{self._location(version)}/{BUNDLE_FOLDER}"
        answer = self._get(ARTIFACTS, path=folder)
        with _as_mlflow_answers(answer):
            listed = {file["path"].rpartition("/")[2] for file in _told(answer).get("files", [])}
        if not listed:
            raise RegistryError(f"version {version} has no files under {BUNDLE_FOLDER}: train again")
        names = [name for name in BUNDLE_FILES if name in listed]
        return {name: _checked(self._get(f"{ARTIFACTS}/{folder}/{name}")).body for name in names}

    def _location(self, version: str) -> str:
        """Return where a version is kept among all artefacts of the server."""
        answer = self._get(f"{API}/model-versions/get-download-uri", name=self.model_name, version=version)
        with _as_mlflow_answers(answer):
            location = urlsplit(str(_told(answer)["artifact_uri"]))
        if location.scheme != "mlflow-artifacts":
            raise RegistryError(
                f"version {version} is kept at {location.scheme}:, not behind the registry: "
                "start the MLflow server with --artifacts-destination and train again"
            )
        return location.path.strip("/")

    def _get(self, route: str, **parameters: str) -> Answer:
        try:
            with self.client.stream("GET", route, params=parameters) as told:
                answer = Answer(told.status_code, str(told.url), _body(told))
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


def _body(told: httpx.Response) -> bytes:
    body = bytearray()
    for piece in told.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise RegistryError(
                f"{told.url.path} has more than {LARGEST_ANSWER} bytes, which no file of a bundle has: "
                "train and register the model again, or point the alias at another version"
            )
    return bytes(body)


@contextmanager
def _as_mlflow_answers(answer: Answer) -> Iterator[None]:
    """Raise RegistryError where what is read from an answer is not there, or not of its kind."""
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise RegistryError(
            f"{answer.url} does not answer as MLflow does: look at MLFLOW_TRACKING_URI"
        ) from error


def _told(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises ValueError or RecursionError where there is none."""
    told = json.loads(_checked(answer).body)
    if not isinstance(told, dict):
        raise TypeError("not an object")
    return told


def _checked(answer: Answer) -> Answer:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        text = answer.body[:200].decode(errors="replace")
        raise RegistryError(f"the registry answers {answer.status}: {text}")
    return answer
