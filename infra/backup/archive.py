"""A backup is a folder: a dump of each database, the registry's files, and `backup.json` about them."""

import tarfile
from collections.abc import Mapping
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from infra.backup.errors import BackupError
from infra.backup.groups import Offsets

MANIFEST: Final = "backup.json"
FILES: Final = "registry.tar"
UNFINISHED: Final = ".unfinished"


class Manifest(BaseModel):
    """What a backup has, written last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_at: AwareDatetime
    cluster: str
    """Id of the Kafka cluster that the offsets are of."""
    offsets: dict[str, list[tuple[str, int, int]]]
    """Topic, partition and next offset, by consumer group: as they were before the dumps."""
    digests: dict[str, str]
    """SHA-256 by file."""


def pack(folder: Path, file: Path) -> None:
    """Write the registry's files into an archive."""
    with tarfile.open(file, "w") as archive:
        archive.add(folder, arcname=".")


def unpack(file: Path, folder: Path) -> None:
    """Put the registry's files back beside what is there: artefacts are never changed. Raises BackupError."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(file) as archive:
            # As the library advises. Debian 12's Python has no filters: there the archive is trusted.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(folder)  # noqa: S202
    except (tarfile.TarError, OSError) as error:
        raise BackupError(f"{file} cannot be unpacked into {folder}: {error}") from error


def seal(folder: Path, made_at: datetime, cluster: str, offsets: Offsets) -> Manifest:
    """Write what a folder has."""
    manifest = Manifest(
        made_at=made_at,
        cluster=cluster,
        offsets={group: list(places) for group, places in offsets.items()},
        digests=digests(folder),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    return manifest


def opened(folder: Path) -> Manifest:
    """Return what a backup has, if its files are what they were. Raises BackupError."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise BackupError(
            f"{folder} is not a finished backup: {MANIFEST} cannot be read ({error})"
        ) from error
    found = digests(folder)
    wrong = [name for name, digest in manifest.digests.items() if found.get(name) != digest]
    if wrong:
        raise BackupError(f"{', '.join(wrong)} in {folder} is not what was saved: take another backup")
    return manifest


def digests(folder: Path) -> Mapping[str, str]:
    """Return the SHA-256 of each file but the manifest."""
    found = {}
    for file in sorted(folder.iterdir()):
        if file.name != MANIFEST:
            with file.open("rb") as content:
                found[file.name] = file_digest(content, "sha256").hexdigest()
    return found
