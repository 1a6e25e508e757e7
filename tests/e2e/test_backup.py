"""A backup of the running engine is restored, and what came after it is read again."""

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra.backup.archive import MANIFEST
from infra.local.settings import REPOSITORY
from tests.e2e.following import query, wait_for
from tests.e2e.test_registry import champion
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
WRITERS = ("gateway", "ledger", "monitoring", "mlflow")
KEPT = (
    "SELECT (SELECT count(*) FROM ledger.applications), (SELECT count(*) FROM ledger.decisions), "
    "(SELECT sum(rows) FROM monitoring.blocks WHERE segment = 'all')"
)
LOST = (
    "DROP SCHEMA ledger CASCADE; DROP SCHEMA monitoring CASCADE; CREATE TABLE public.left_over (id integer)"
)


def backup(engine: RunningEngine, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "infra.backup", command, str(folder)),
        env=engine.engine.backup_environment(engine.bootstrap),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def decide(engine: RunningEngine, file: Path) -> None:
    replay = engine.run("services.replay", "--file", str(file))
    assert replay.returncode == 0, replay.stdout + replay.stderr


def kept(engine: RunningEngine) -> tuple[int, int, int]:
    [(applications, decisions, counted)] = query(engine, KEPT)
    return applications, decisions, int(counted)


def files_in(folder: Path) -> set[Path]:
    return {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}


def has_counted_all(engine: RunningEngine) -> bool:
    applications, decisions, counted = kept(engine)
    return applications == decisions and counted == 2 * decisions


def test_everything_is_there_again_and_what_came_later_is_read_again(
    engine: RunningEngine, tmp_path: Path
) -> None:
    header, *lines = (engine.data / "application_test.csv").read_text().splitlines()
    files = [tmp_path / "before.csv", tmp_path / "after.csv"]
    for number, file in enumerate(files):
        file.write_text("\n".join([header, *lines[300 * number : 300 * (number + 1)]]) + "\n")
    decide(engine, files[0])
    folder, artefacts = tmp_path / "backup", engine.engine.mlflow.folder
    files_before = files_in(artefacts)
    saved = backup(engine, "save", folder)
    assert saved.returncode == 0, saved.stderr
    decide(engine, files[1])
    wait_for(lambda: has_counted_all(engine), seconds=60, what="monitoring to have counted")
    before, version = kept(engine), champion(engine)

    refused = backup(engine, "load", folder)
    assert refused.returncode == 1
    assert "octroi-ledger still reads: stop the services before a restore" in refused.stderr
    assert kept(engine) == before

    supervisor = engine.engine.supervisor
    for name in WRITERS:
        supervisor.stop(name)
    with psycopg.connect(engine.environment["DATABASE_URL"]) as database:
        database.execute(LOST)
    shutil.rmtree(artefacts)
    loaded = backup(engine, "load", folder)
    for name in reversed(WRITERS):
        supervisor.begin(name)
    assert loaded.returncode == 0, loaded.stderr
    wait_for(engine.engine.mlflow.is_ready, seconds=60, what="MLflow")
    wait_for(lambda: kept(engine) == before, seconds=60, what="what came after the backup")
    assert query(engine, "SELECT count(*) FROM pg_tables WHERE tablename = 'left_over'") == [(0,)]
    assert champion(engine) == version
    assert files_in(artefacts) >= files_before
    decide(engine, files[0])


def test_a_backup_that_was_changed_or_not_finished_is_refused(engine: RunningEngine, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert backup(engine, "save", folder).returncode == 0
    again = backup(engine, "save", folder)
    assert (again.returncode, again.stderr) == (1, f"{folder} is there already: name a new folder\n")
    with (folder / "octroi.dump").open("ab") as dump:
        dump.write(b"more")
    changed = backup(engine, "load", folder)
    assert changed.returncode == 1
    assert f"octroi.dump in {folder} is not what was saved: take another backup" in changed.stderr
    (folder / MANIFEST).unlink()
    unfinished = backup(engine, "load", folder)
    assert unfinished.returncode == 1
    assert f"{folder} is not a finished backup" in unfinished.stderr
