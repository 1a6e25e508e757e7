"""One project for all tests of the compose file."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.compose.project import Project, new_project


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Iterator[Project]:
    """Build, start and wait as the README says; take all of it away at the end, with logs if tests failed."""
    starting = new_project()
    try:
        starting.up("--build")
        yield starting
    finally:
        if request.session.testsfailed or sys.exc_info()[0]:
            sys.stderr.write(starting.compose("ps", "--all"))
            sys.stderr.write(starting.compose("logs", "--no-color", "--tail", "60"))
        starting.compose("--profile", "*", "down", "--volumes", "--remove-orphans")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say once, instead of in each test here, that there is no Docker. Others' tests come too."""
    ours = [item for item in items if item.get_closest_marker("compose")]
    if ours and subprocess.run(("docker", "version"), capture_output=True, check=False).returncode != 0:
        for item in ours:
            item.add_marker(pytest.mark.skip(reason="docker does not answer"))
