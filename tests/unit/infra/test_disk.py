from pathlib import Path

import pytest

from infra.local.disk import refusals_of_disk
from infra.local.errors import WRONG_INPUT, LauncherError
from infra.local.state import State


def test_a_place_where_nothing_can_be_made_is_named_with_the_reason_and_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = State(tmp_path / "file" / "state")
    told = f"{state.root}: Not a directory; .*OCTROI_STATE"
    with pytest.raises(LauncherError, match=told) as refusal, refusals_of_disk(state):
        state.create()
    assert refusal.value.exit_code == WRONG_INPUT


def test_a_full_disk_which_names_no_file_is_that_of_the_state(tmp_path: Path) -> None:
    told = f"{tmp_path}: No space left on device; .*OCTROI_STATE"
    with pytest.raises(LauncherError, match=told), refusals_of_disk(State(tmp_path)):
        Path("/dev/full").write_text("more")


def test_an_error_about_another_file_is_not_the_states(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(FileNotFoundError), refusals_of_disk(State(tmp_path / "state")):
        elsewhere.read_text()
