"""By which names the pages answer a browser, as Streamlit serves them, and that probes need none of these."""

import os
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from time import monotonic, sleep

import pytest

from infra.local.settings import REPOSITORY
from services.ui.launching import command
from services.ui.settings import UiSettings
from tests.engine import free_port

WITHIN = 90
POD = "10.42.0.7:8501"
"""What a probe of Kubernetes asks for."""
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "b2N0cm9pIG9jdHJvaSBvYw==",
}


def status(port: int, path: str, host: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def is_up(port: int) -> bool:
    try:
        return status(port, "/_stcore/health", POD) == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of the pages, served under two names."""
    key = tmp_path_factory.mktemp("ui") / "api-key"
    key.write_text("octroi_secret")
    port = free_port()
    settings = UiSettings(port=port, api_key_file=key, allowed_hosts="localhost, *.lender.example")
    environment = {**os.environ, "OCTROI_UI_API_KEY_FILE": str(key)}
    with subprocess.Popen(command(settings), cwd=REPOSITORY, env=environment) as process:
        try:
            until = monotonic() + WITHIN
            while not is_up(port):
                assert monotonic() < until, "the pages did not come up"
                assert process.poll() is None
                sleep(0.2)
            yield port
        finally:
            process.terminate()


def stream(port: int, name: str) -> int:
    """Return how a browser's page of such a name is answered when it asks for its content."""
    host = f"{name}:{port}"
    return status(port, "/_stcore/stream", host, Origin=f"http://{host}", **UPGRADE)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "pages.lender.example"])
def test_the_pages_are_shown_under_their_names(port: int, name: str) -> None:
    assert stream(port, name) == 101


@pytest.mark.parametrize("name", ["rebound.example", "127.0.0.1", "lender.example", "localhost.example", ""])
def test_nothing_is_shown_under_the_name_of_a_stranger(port: int, name: str) -> None:
    assert stream(port, name) == 403


@pytest.mark.parametrize("host", [POD, "localhost:8501", "rebound.example"])
def test_probes_are_answered_under_any_name(port: int, host: str) -> None:
    assert status(port, "/_stcore/health", host) == 200
