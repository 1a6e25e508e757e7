"""Exports the champion for OCTROI_BUNDLE: `python -m services.scoring.export --out FOLDER`.

The bundle goes to a folder of its own in FOLDER, named as its version.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from services.kit.environment import exit_code_of, read
from services.kit.errors import UnavailableError
from services.kit.registry import RegistryError
from services.scorecard.bundle import BundleError, from_files
from services.scoring.cache import BundleCache
from services.scoring.handler import NO_CHAMPION
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
        BundleCache(folder).keep(version, files)
    except (RegistryError, UnavailableError, BundleError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{registry.model_name} version {version}: OCTROI_BUNDLE={folder / version}\n")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
