"""`down` and `up` again: nothing is lost, and nothing is trained anew."""

import pytest

from tests.compose.project import Project

pytestmark = pytest.mark.compose


def test_down_and_up_keep_decisions_champion_and_key(project: Project) -> None:
    replay = project.start_replay(100, 100)
    output, _ = replay.communicate(timeout=300)
    assert replay.returncode == 0, output
    before = (project.decided(), project.champion(), project.api_key)
    trained = project.query("SELECT count(DISTINCT model_version) FROM ledger.decisions")
    project.compose("down")
    assert project.compose("ps", "--all", "--quiet") == ""
    project.up()
    assert (project.decided(), project.champion(), project.api_key) == before
    assert "nothing trained" in project.compose("logs", "training")
    replay = project.start_replay(100, 100)
    output, _ = replay.communicate(timeout=300)
    assert replay.returncode == 0, output
    assert project.decided() == before[0] + 100
    assert project.query("SELECT count(DISTINCT model_version) FROM ledger.decisions") == trained
