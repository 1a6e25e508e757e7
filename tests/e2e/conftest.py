"""One engine for all end-to-end tests, trained on a small sample."""

import shutil
from collections.abc import Iterator

import pytest

from tests.engine import RunningEngine, running_engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: Apache Kafka cannot be started here")
    with running_engine(tmp_path_factory.mktemp("engine") / "state") as running:
        yield running
