"""Exports the champion for OCTROI_BUNDLE: `python -m services.scoring.export --out FOLDER`.

The bundle goes to a folder of its own in FOLDER, named as its version.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from services.kit.environment import exit_code_of, read
from services.kit.errors import UnavailableError
from services.kit.registry import BUNDLE_FILES, RegistryError, check_version
from services.scorecard.bundle import BundleError, from_files
from services.scoring.cache import BundleCache
from services.scoring.handler import NO_CHAMPION
from services.scoring.sealed_folder import SEAL_FILE
from services.scoring.settings import RegistrySettings
from services.scoring.sources import registry_of


def main() -> int:
    """Export the champion; return 0, or 2 with a sentence that says what is wrong."""
    parser = ArgumentParser(prog="python -m services.scoring.export", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    folder = parser.parse_args().out
    registry = registry_of(read(RegistrySettings))
    try:
        version = registry.aliases().get("champion")
        if version is None:
            sys.stderr.write(f"{NO_CHAMPION}\n")
            return 2
        files = registry.bundle_files(version)
        from_files(files)
        export(folder, version, files)
    except (RegistryError, UnavailableError, BundleError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{registry.model_name} version {version}: OCTROI_BUNDLE={folder / version}\n")
    return 0


def export(folder: Path, version: str, files: Mapping[str, bytes]) -> None:
    """Write a version's files to its folder in `folder`, in place of an earlier export of it.

    Raises FileExistsError where something else lies there, OSError, and RegistryError for a version that is
    no number.
    """
    check_version(version)
    target = folder / version
    if target.is_dir():
        ours = {*BUNDLE_FILES, SEAL_FILE}
        foreign = sorted(path.name for path in target.iterdir() if path.name not in ours)
        if foreign:
            raise FileExistsError(
                f"{target} holds {foreign[0]}, which is no file of a bundle, and would be replaced whole; "
                "name another folder with --out"
            )
    BundleCache(folder).keep(version, files)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
