from pathlib import Path

import pytest

from infra.local.copies import Copies
from infra.local.state import State


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    state = State(tmp_path)
    state.create()
    return state.copies


def test_a_copy_of_a_model_is_noticed(copies: Copies, tmp_path: Path) -> None:
    assert not Copies(tmp_path / "elsewhere").has("scorecard")
    assert not copies.has("scorecard")
    (copies.folder / "scorecard" / "1").mkdir(parents=True)
    assert copies.has("scorecard")
    assert not copies.has("another")


def test_copies_are_not_trusted_once_the_champion_may_be_another(copies: Copies) -> None:
    copy = copies.folder / "scorecard" / "1"
    copy.mkdir(parents=True)
    copies.distrust()
    assert not copies.has("scorecard")
    # A running engine may still need it.
    assert copy.is_dir()
    copies.drop()
    assert not any(copies.folder.iterdir())
    copy.mkdir(parents=True)
    assert copies.has("scorecard")
