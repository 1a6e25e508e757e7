"""`python -m infra.backup save FOLDER` on a running engine, `load FOLDER` on a stopped one."""

import argparse
import asyncio
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from aiokafka.errors import KafkaError

from infra.backup import archive, batches, databases, groups
from infra.backup.errors import BackupError
from infra.backup.settings import BackupSettings
from services.kit.client import adapt_client
from services.kit.environment import exit_code_of, read
from services.kit.kafka_settings import KafkaSettings

# Another cluster's offsets mean nothing: what is in it has not been counted.
NOT_COUNTED: Final = "DELETE FROM monitoring.positions"
PRIVATE: Final = 0o700
"""The dumps hold every application: nobody else of the machine's users comes into the folder."""


def save(folder: Path, settings: BackupSettings, kafka: KafkaSettings) -> None:
    """Save into a folder that is not there yet. Raises BackupError, LoginError."""
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a new folder")
    made_at, unfinished = datetime.now(UTC), folder.with_name(folder.name + archive.UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=PRIVATE, parents=True)
    # Offsets first: what a service writes after them is read once more, and known by then. Files last: every
    # version that the dump knows has its own.
    cluster, offsets = asyncio.run(groups.cluster(kafka)), asyncio.run(groups.committed(kafka))
    for name, url in settings.databases().items():
        databases.dump(url, unfinished / f"{name}.dump")
    archive.pack(settings.mlflow_artifacts, unfinished / archive.FILES)
    archive.seal(unfinished, made_at, cluster, offsets)
    unfinished.rename(folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"saved in {folder}: {size / 1e6:,.1f} MB, as of {made_at:%Y-%m-%d %H:%M:%S} UTC")


def load(folder: Path, settings: BackupSettings, kafka: KafkaSettings) -> None:
    """Put everything back, and let services read again what came after. Raises BackupError, LoginError."""
    manifest = archive.opened(folder)
    same = asyncio.run(groups.cluster(kafka)) == manifest.cluster
    offsets = manifest.offsets if same else {}
    # First: it fails while a service still reads.
    asyncio.run(groups.set_back(kafka, offsets))
    for name, url in settings.databases().items():
        databases.restore(url, folder / f"{name}.dump")
    archive.unpack(folder / archive.FILES, settings.mlflow_artifacts)
    if not same:
        with psycopg.connect(settings.databases()["octroi"]) as connection:
            connection.execute(NOT_COUNTED)
    # What the ledger reads again of the applications is all that came since.
    batches.note_tries(settings.databases()["octroi"], kafka, groups.places(offsets.get(groups.LEDGER, ())))
    after = "what came after it is read again" if same else "Kafka is another cluster: all of it is read"
    print(f"restored from {folder}, as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; {after}")


def run(arguments: argparse.Namespace) -> int:
    """Run a command; return its exit code. Raises SettingsError, LoginError."""
    try:
        arguments.command(arguments.folder, read(BackupSettings), read(KafkaSettings))
    except (BackupError, KafkaError, psycopg.Error, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Read the command line."""
    root = argparse.ArgumentParser(prog="python -m infra.backup", description=__doc__)
    names = root.add_subparsers(required=True, metavar="COMMAND")
    for command in (save, load):
        own = names.add_parser(command.__name__, help=command.__doc__, description=command.__doc__)
        own.add_argument("folder", type=Path)
        own.set_defaults(command=command)
    adapt_client()
    return run(root.parse_args())


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
