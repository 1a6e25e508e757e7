"""Every command of README and documents is run as it stands, on an engine of the tests."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from infra.local.settings import REPOSITORY
from tests.e2e.following import Outsider, wait_for
from tests.engine import RunningEngine, launch
from tests.parts import part_folder

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]

BLOCK: Final = re.compile(r"^( *)```(sh|python)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
STARTING: Final = ("docs/tutorial.md",)
"""Documents that start the engine themselves."""
STOPPING: Final = (*STARTING, "docs/how-to/back-up-and-restore.md")
"""Documents that stop it."""
ELSEWHERE: Final[Mapping[str, str]] = {
    "make run": "the first step of .ci/run",
    "pip install kaggle": "needs an account",
    "make test": "is what runs this test",
    "prometheus": "needs programs that are not of this project",
    "make env": "tests/compose runs it",
    "echo OCTROI_DATA": "tests/compose trains, replays and scales the same way",
    "export KAFKA_BOOTSTRAP_SERVERS=kafka.example": "tests/integration/security does it on such a cluster",
    ".venv/bin/python -m services.scoring.export": "tests/integration/single runs it",
    "_ratio(": "is a line of a module",
    '"sha256="': "is an expression; tests/unit/monitoring checks the signature",
    "make chaos": "takes half an hour; test_crashes.py and test_monitoring.py kill the same programs",
    "make bench-environments": "fetches 1.5 GB for contestants, in some ten minutes",
    "make train DATA=data": "needs the real table; `make train QUICK=1` of the guide is run",
}
"""What is not run here, by how it begins, and why."""


def documents() -> list[str]:
    found = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    names = [file.relative_to(REPOSITORY).as_posix() for file in found]
    return [name for name in names if not name.startswith(("docs/adr/", "docs/reference/"))]


def blocks(document: str) -> list[tuple[str, str]]:
    """Return language and text of what can be run."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    found = []
    for indent, language, body in BLOCK.findall(text):
        plain = "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        if not plain.startswith(tuple(ELSEWHERE)):
            found.append((language, plain))
    return found


WITH_COMMANDS: Final = [name for name in documents() if blocks(name)]


@pytest.fixture(scope="module")
def checkout(engine: RunningEngine) -> Iterator[Path]:
    """A folder that looks like a clone whose engine is up."""
    with part_folder() as folder:
        # PostgreSQL's own user must reach the programs.
        folder.chmod(0o755)
        for entry in REPOSITORY.iterdir():
            if entry.name not in {".octroi", "backups"}:
                (folder / entry.name).symlink_to(entry)
        (folder / ".octroi").symlink_to(engine.engine.state.root)
        lines = (engine.data / "application_test.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "applications.csv").write_text("".join(lines[:200]), encoding="utf-8")
        yield folder
        if str(folder) in (engine.engine.state.run / "supervisord.conf").read_text(encoding="utf-8"):
            # What runs now was started in the folder that is about to go.
            launch(engine.launcher, "down")
            launch(engine.launcher, "up")


def as_here(text: str, engine: RunningEngine, letter: str) -> str:
    """Return commands with the addresses of the tests' engine, and of a record that is there."""
    settings = engine.engine.settings
    ports = {8000: settings.gateway_port, 8004: settings.monitoring_port, 19092: settings.kafka_port}
    for written, port in ports.items():
        text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{port}")
    return text.replace("loan.dead-letters.v1/0/41", letter)


@pytest.fixture(scope="module")
def letter(engine: RunningEngine) -> str:
    """Topic, partition and offset of a dead letter."""
    Outsider(engine).send("loan.applications.v1", b"{}")

    def letters() -> list[dict[str, Any]]:
        told = httpx.get(f"{engine.monitoring}/v1/dead-letters", timeout=30).json()
        listed: list[dict[str, Any]] = told["dead_letters"]
        return listed

    wait_for(lambda: bool(letters()), seconds=60, what="a dead letter")
    return "/".join(str(letters()[0][part]) for part in ("topic", "partition", "offset"))


@pytest.fixture(scope="module")
def old_key(engine: RunningEngine) -> str:
    """Id of a key that may be revoked."""
    file = str(engine.engine.state.api_keys)
    made = engine.run("services.gateway.keys", "create", "--file", file, "--role", "read")
    return made.stderr.split()[1].rstrip(";")


@pytest.mark.parametrize("document", WITH_COMMANDS)
def test_every_command_of_a_document_works(
    document: str, engine: RunningEngine, checkout: Path, letter: str, old_key: str
) -> None:
    if document in STARTING:
        launch(engine.launcher, "down")
    script = ["set -euo pipefail"]
    for number, (language, text) in enumerate(blocks(document)):
        here = as_here(text, engine, letter)
        if language == "python":
            (checkout / f"block_{number}.py").write_text(here, encoding="utf-8")
            here = f"{sys.executable} block_{number}.py"
        script.append(here)
    done = run(script, checkout, {**engine.launcher, "OLD": old_key})
    if document in STOPPING:
        if done.returncode != 0:
            # Where it stood still, half an engine may be up.
            launch(engine.launcher, "down")
        if not engine.engine.supervisor.is_running():
            launch(engine.launcher, "up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def run(script: list[str], folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("bash", "-c", "\n".join(script)),
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_not_run_here_is_still_written_somewhere() -> None:
    written = [body.lstrip() for name in documents() for _, _, body in BLOCK.findall(_text(name))]
    assert [begins for begins in ELSEWHERE if not any(body.startswith(begins) for body in written)] == []


def _text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")
