from pathlib import Path

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


def test_a_copy_of_a_model_is_noticed(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert not state.has_model_copy("scorecard")
    state.create()
    assert not state.has_model_copy("scorecard")
    (state.models / "scorecard" / "1").mkdir(parents=True)
    assert state.has_model_copy("scorecard")
    assert not state.has_model_copy("another")
