"""The documentation's site builds: reference pages are made of the code, and no link leads nowhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.documents.pages import FOLDER, write
from infra.local.settings import REPOSITORY

pytestmark = pytest.mark.postgres


def test_the_site_builds_and_its_reference_is_of_the_code(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    write(template)
    pages = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    assert "`OCTROI_GATEWAY_LONGEST_WAIT`" in pages["settings.md"]
    assert "### POST /v1/applications" in pages["rest.md"]
    assert "`loan.decisions.v1`" in pages["events.md"]
    assert "`octroi_lag_records`" in pages["metrics.md"]
    assert "## ledger.decisions" in pages["database.md"]
    command = (sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path))
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "tutorial" / "index.html").is_file()
