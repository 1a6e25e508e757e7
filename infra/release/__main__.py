"""Prepare a release: `python -m infra.release VERSION`; with `--tag` the tag is made. Nothing is pushed."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.release.notes import CHANGELOG, VERSION, ReleaseError, notes_of

BRANCH = "main"


def prepare(version: str, folder: Path) -> str:
    """Check that a version can be released, build its wheel, and return its notes. Raises ReleaseError."""
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"{version} is no version: MAJOR.MINOR.PATCH, or with -rc.1 behind it")
    if _git("status", "--porcelain"):
        raise ReleaseError("there are changes that are not committed: commit or stash them")
    if _git("rev-parse", "--abbrev-ref", "HEAD") != BRANCH:
        raise ReleaseError(f"releases are made of {BRANCH}: `git switch {BRANCH}`")
    if _git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"the tag v{version} is there already: choose the next version")
    notes = notes_of(version, CHANGELOG.read_text(encoding="utf-8"))
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    given = {**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": version}
    subprocess.run((*command, "--wheel-dir", str(folder), "."), env=given, check=True)
    return notes


def _git(*arguments: str) -> str:
    git = shutil.which("git") or "git"
    return subprocess.run((git, *arguments), capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Run the command; return its exit code."""
    root = argparse.ArgumentParser(prog="python -m infra.release", description=__doc__)
    root.add_argument("version")
    root.add_argument("--tag", action="store_true", help="make the tag, not only the wheel")
    root.add_argument("--dist", type=Path, default=Path("dist"), help="folder of the wheel")
    chosen = root.parse_args()
    try:
        notes = prepare(chosen.version, chosen.dist)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Octroi {chosen.version}, a wheel in {chosen.dist}\n\n{notes}\n")
    if chosen.tag:
        _git("tag", "--annotate", f"v{chosen.version}", "--message", f"Octroi {chosen.version}\n\n{notes}")
        print(f"tagged; `git push origin v{chosen.version}` publishes the images")
    else:
        print(f"a dry run: with TAG=1 the tag v{chosen.version} is made")
    return 0


if __name__ == "__main__":
    sys.exit(main())
