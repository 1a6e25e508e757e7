from pathlib import Path

import pytest

from tests.unit.scoring.model_scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "models")
