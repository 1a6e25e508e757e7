"""One engine for all end-to-end tests, trained on a small sample."""

import shutil
from collections.abc import Iterator

import pytest

from tests.engine import RunningEngine, running_engine
from tests.parts import part_folder


@pytest.fixture(scope="session")
def engine() -> Iterator[RunningEngine]:
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: Apache Kafka cannot be started here")
    with part_folder() as folder, running_engine(folder / "state") as running:
        yield running
