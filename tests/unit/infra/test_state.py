from pathlib import Path

import pytest

from infra.local.configuration import supervisor_configuration
from infra.local.errors import WRONG_INPUT, LauncherError
from infra.local.state import LONGEST_SOCKET_PATH, State, write_secret


def test_the_socket_lies_in_the_state_folder_where_its_path_is_short(tmp_path: Path) -> None:
    assert State(Path("/srv/octroi")).socket == Path("/srv/octroi/run/supervisor.sock")
    deep = State(tmp_path / ("deep" * 30)).socket
    assert len(str(deep)) <= LONGEST_SOCKET_PATH
    assert deep != State(tmp_path / ("deeper" * 30)).socket


def test_a_secret_is_for_its_owner_alone_also_where_the_file_was_open_to_all(tmp_path: Path) -> None:
    file = tmp_path / "api-key"
    file.touch(mode=0o666)
    write_secret(file, "hush")
    assert file.read_text() == "hush"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["models", "logs", "postgres", "kafka", "mlflow", "sample", "run"])
def test_a_folder_of_somebody_else_is_neither_used_nor_removed(name: str, tmp_path: Path) -> None:
    theirs = tmp_path / name / "theirs"
    theirs.parent.mkdir()
    theirs.write_text("of years")
    for use in (State(tmp_path).create, State(tmp_path).remove):
        with pytest.raises(LauncherError, match=f"{tmp_path} has {name}, .* set OCTROI_STATE") as refusal:
            use()
        assert refusal.value.exit_code == WRONG_INPUT
    assert theirs.read_text() == "of years"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_of_somebody_else_is_not_taken_for_the_engines_key(tmp_path: Path) -> None:
    (tmp_path / "api-key").write_text("theirs")
    with pytest.raises(LauncherError, match="has api-key, which the engine did not make"):
        State(tmp_path).remove()
    assert (tmp_path / "api-key").read_text() == "theirs"


def test_what_the_engine_made_is_removed_and_what_else_is_there_stays(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.create()
    (state.models / "scorecard").mkdir()
    state.api_key.write_text("key")
    state.create()
    (state.root / "letters").mkdir()
    state.remove()
    assert [path.name for path in state.root.iterdir()] == ["letters"]
    (state.root / "letters").rmdir()
    state.create()
    state.remove()
    assert not state.root.exists()


def test_a_folder_that_an_earlier_version_made_is_still_the_engines(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    (state.models / "scorecard").mkdir(parents=True)
    state.run.mkdir()
    (state.run / "supervisord.conf").write_text(supervisor_configuration(state))
    state.create()
    (state.run / "supervisord.conf").unlink()
    state.create()
    state.remove()
    assert not state.root.exists()


def test_another_supervisor_does_not_make_a_folder_the_engines(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.run.mkdir()
    (state.run / "supervisord.conf").write_text("[include]\nfiles = /etc/supervisor/conf.d/*.conf\n")
    with pytest.raises(LauncherError, match="has run, which the engine did not make"):
        state.create()


def test_kafkas_program_that_tests_fetched_makes_no_folder_somebody_elses(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    (state.kafka_jars / "0123456789ab").mkdir(parents=True)
    state.create()
    state.remove()
    assert not state.root.exists()
