import os
from pathlib import Path

import pytest

from infra.backup.databases import dump
from infra.backup.errors import BackupError
from infra.local.postgres import binaries

pytestmark = pytest.mark.postgres


def test_a_backup_asks_for_the_server_that_the_address_asks_for(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")
    dump(f"{postgres_url}?target_session_attrs=read-write", tmp_path / "whole")
    assert (tmp_path / "whole").stat().st_size
    with pytest.raises(BackupError, match="read-only"):
        dump(f"{postgres_url}?target_session_attrs=read-only", tmp_path / "none")
