"""The project's programs as a person runs them, to their end."""

import os
import subprocess
import sys

from infra.local.settings import REPOSITORY


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments in the repository, with more environment than the test's own."""
    return subprocess.run(
        (sys.executable, *arguments),
        env={**os.environ, **environment},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
