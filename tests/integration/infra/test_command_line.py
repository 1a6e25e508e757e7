import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.settings import REPOSITORY


def launch(state: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "infra.local", *arguments),
        env={**os.environ, "OCTROI_STATE": str(state), **variables},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_named_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = launch(
            tmp_path / "state", "up", OCTROI_GATEWAY_PORT=str(port), KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1"
        )
    assert refused.returncode == 2
    assert f"port {port} (gateway) is taken by another program; stop it or set OCTROI_GATEWAY_PORT" in (
        refused.stderr
    )
    assert not (tmp_path / "state").exists()


def test_a_missing_file_is_named_with_the_cure(tmp_path: Path) -> None:
    refused = launch(tmp_path / "state", "run", "--once", "--data", str(tmp_path))
    assert refused.returncode == 2
    assert f"{tmp_path}/application_train.csv is not there or cannot be read; --data" in refused.stderr


def test_a_setting_that_is_no_port_is_named(tmp_path: Path) -> None:
    refused = launch(tmp_path / "state", "up", OCTROI_KAFKA_PORT="ninety")
    assert refused.returncode == 2
    assert refused.stderr.startswith("OCTROI_KAFKA_PORT: ")


def test_nothing_to_stop_is_no_error_and_nothing_runs(tmp_path: Path) -> None:
    assert launch(tmp_path / "state", "down").returncode == 0
    told = launch(tmp_path / "state", "status")
    assert (told.returncode, told.stdout) == (1, "the engine is not running\n")


@pytest.mark.parametrize("command", ["replay", "outcomes"])
def test_what_is_sent_needs_a_running_engine(command: str, tmp_path: Path) -> None:
    file = tmp_path / "applications.csv"
    file.touch()
    refused = launch(tmp_path / "state", command, "--file", str(file))
    assert refused.returncode == 2
    assert "the engine is not up; `make up` starts it" in refused.stderr


def test_clean_removes_its_own_and_leaves_the_rest(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "logs").mkdir(parents=True)
    (state / "letters").mkdir()
    assert launch(state, "clean").returncode == 0
    assert [path.name for path in state.iterdir()] == ["letters"]
