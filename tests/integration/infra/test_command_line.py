import os
import socket
import subprocess
from pathlib import Path

import pytest

from infra.local.claim import claimed
from infra.local.state import State
from tests.engine import as_variables, engine_ports
from tests.programs import python


def launch(state: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # An engine that somebody runs on the usual ports is not in the way.
    given = as_variables(engine_ports()) | variables
    return python("-m", "infra.local", *arguments, OCTROI_STATE=str(state), **given)


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


def test_a_start_while_another_one_is_under_way_is_refused_with_its_process(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.create()
    programs = state.run / "programs" / "postgres.conf"
    programs.parent.mkdir()
    programs.touch()
    with claimed(state):
        refused = launch(state.root, "up", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"another command (process {os.getpid()}) starts the engine's parts")
    assert programs.exists()


@pytest.mark.parametrize("command", [("up",), ("rollback",), ("run", "--once")])
def test_a_state_folder_that_cannot_be_made_is_told_in_a_sentence(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    state = tmp_path / "file" / "state"
    refused = launch(state, *command, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{state}: Not a directory; ")
    assert "OCTROI_STATE" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["replay", "outcomes"])
def test_what_is_sent_needs_a_running_engine(command: str, tmp_path: Path) -> None:
    file = tmp_path / "applications.csv"
    file.touch()
    refused = launch(tmp_path / "state", command, "--file", str(file))
    assert refused.returncode == 2
    assert "the engine is not up; `make up` starts it" in refused.stderr


def test_clean_removes_its_own_and_leaves_the_rest(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.create()
    (state.logs / "mlflow.log").touch()
    (state.root / "letters").mkdir()
    assert launch(state.root, "clean").returncode == 0
    assert [path.name for path in state.root.iterdir()] == ["letters"]


def test_clean_leaves_what_the_engine_did_not_make(tmp_path: Path) -> None:
    theirs = tmp_path / "models" / "theirs"
    theirs.parent.mkdir()
    theirs.touch()
    refused = launch(tmp_path, "clean")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{tmp_path} has models, which the engine did not make; set OCTROI_STATE" in refused.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["models", "theirs"]
