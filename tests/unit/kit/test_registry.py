"""What the registry hands out, and what of it is refused before it fills memory or becomes a path."""

import gzip
from collections.abc import Callable

import httpx
import pytest

from services.kit.registry import BUNDLE_FILES, LARGEST_ANSWER, Registry, RegistryError
from services.kit.seal import seal_of
from services.scorecard.bundle import (
    BOOSTER_FILE,
    METADATA_FILE,
    REFERENCE_FILE,
    BundleError,
    from_files,
    to_files,
)
from tests.models import small_bundle
from tests.registry import RegistryInMemory

NAME = "octroi-scorecard"
NESTED = "[" * 100_000


@pytest.fixture
def server() -> RegistryInMemory:
    server = RegistryInMemory()
    server.versions["1"] = {name: name.encode() for name in BUNDLE_FILES}
    return server


def registry(transport: httpx.BaseTransport) -> Registry:
    return Registry(httpx.Client(transport=transport, base_url="http://registry"), NAME)


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Registry:
    return registry(httpx.MockTransport(answer))


def test_the_files_are_those_of_a_bundle() -> None:
    assert set(BUNDLE_FILES) == {METADATA_FILE, BOOSTER_FILE, REFERENCE_FILE}


def test_what_else_lies_beside_a_bundle_is_not_asked_for(server: RegistryInMemory) -> None:
    server.versions["1"] = {**server.versions["1"], "huge.bin": b"", "bundle.json.old": b""}
    assert registry(server).bundle_files("1") == {name: name.encode() for name in BUNDLE_FILES}
    asked = [path.rpartition("/")[2] for path in server.asked if "/artifacts/bundle/" in path]
    assert asked == list(BUNDLE_FILES)


def test_a_file_that_is_not_there_is_not_asked_for(server: RegistryInMemory) -> None:
    server.versions["1"] = {METADATA_FILE: b"{}"}
    assert registry(server).bundle_files("1") == {METADATA_FILE: b"{}"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_larger_than_any_bundle_has_is_refused(packed: bool) -> None:
    large = bytes(LARGEST_ANSWER + 1)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/model-versions/get"):
            return httpx.Response(200, json={"model_version": {}})
        if request.url.path.endswith("/get-download-uri"):
            return httpx.Response(200, json={"artifact_uri": "mlflow-artifacts:/1"})
        if request.url.path.endswith("/artifacts"):
            return httpx.Response(200, json={"files": [{"path": METADATA_FILE}]})
        headers = {"Content-Encoding": "gzip"} if packed else {}
        return httpx.Response(200, content=gzip.compress(large) if packed else large, headers=headers)

    with pytest.raises(RegistryError, match=f"bundle.json has more than {LARGEST_ANSWER} bytes"):
        answering(answer).bundle_files("1")


def test_the_largest_file_is_taken(server: RegistryInMemory) -> None:
    server.versions["1"] = {METADATA_FILE: bytes(LARGEST_ANSWER)}
    assert len(registry(server).bundle_files("1")[METADATA_FILE]) == LARGEST_ANSWER


@pytest.mark.parametrize("name", BUNDLE_FILES)
def test_files_that_were_changed_in_their_store_are_refused(server: RegistryInMemory, name: str) -> None:
    files = to_files(small_bundle())
    server.seals["1"] = seal_of(files)
    other = to_files(small_bundle(seed=2)) if name == METADATA_FILE else files | {name: files[name] + b" "}
    server.versions["1"] = files | {name: other[name]}
    with pytest.raises((RegistryError, BundleError), match=f"{name}.*(train and register the model again)"):
        from_files(registry(server).bundle_files("1"))


def test_a_version_without_a_seal_is_refused(server: RegistryInMemory) -> None:
    server.seals["1"] = ""
    with pytest.raises(RegistryError, match=r"^version 1: nobody has noted the sha256 of its bundle.json; "):
        registry(server).bundle_files("1")


@pytest.mark.parametrize("version", ["", "latest", "-1", "1.0", "../1", "1/2", "1\n", "\u0661", "1" * 19])
def test_a_version_that_is_no_number_is_refused_by_name_before_anything_is_asked(
    server: RegistryInMemory, version: str
) -> None:
    with pytest.raises(RegistryError, match="is no number: point the alias at another version"):
        registry(server).bundle_files(version)
    assert server.asked == []


@pytest.mark.parametrize(
    "told",
    [
        *("", "{", "[]", "{}", NESTED, '"registered_model"', '{"registered_model": []}'),
        *('{"registered_model": {"aliases": [{}]}}', '{"registered_model": {"aliases": 1}}'),
    ],
    ids=lambda told: told[:40],
)
def test_what_mlflow_would_not_say_is_no_alias(told: str) -> None:
    with pytest.raises(RegistryError, match="does not answer as MLflow does"):
        answering(lambda _: httpx.Response(200, text=told)).aliases()


@pytest.mark.parametrize(
    "told", [NESTED, "{}", '{"artifact_uri": "mlflow-artifacts://[/1"}', '{"files": [{}]}']
)
def test_what_mlflow_would_not_say_is_no_bundle(told: str) -> None:
    with pytest.raises(RegistryError):
        answering(lambda _: httpx.Response(200, text=told)).bundle_files("1")


@pytest.mark.parametrize(("status", "said"), [(200, "does not answer as MLflow"), (403, "answers 403: no")])
def test_what_is_said_of_an_answer_has_no_password_of_the_address(status: int, said: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="no"))
    client = httpx.Client(transport=transport, base_url="http://anna:s3cret@registry")
    with pytest.raises(RegistryError, match=said) as raised:
        Registry(client, NAME).aliases()
    assert "s3cret" not in str(raised.value)


def test_an_answer_that_is_not_packed_as_it_says_is_refused() -> None:
    broken = httpx.Response(200, stream=httpx.ByteStream(b"not packed"), headers={"Content-Encoding": "gzip"})
    with pytest.raises(RegistryError, match="cannot be read"):
        answering(lambda _: broken).aliases()
