"""A sample's features, and a champion that was trained on them."""

from pathlib import Path

import pytest

from services.monitoring.champion import Champion
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import champion_of, sample, watched_of


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    folder: Path = tmp_path_factory.mktemp("sample")
    return sample(folder, 2000)


@pytest.fixture
def champion(matrix: Matrix) -> Champion:
    return champion_of(watched_of(matrix))
