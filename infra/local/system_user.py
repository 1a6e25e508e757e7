"""The user that PostgreSQL runs as where the launcher is root: it refuses to be root itself."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from infra.local.console import say
from infra.local.errors import wrong_input

NAME = "octroi-postgres"


def system_user() -> str | None:
    """Return the user's name, or None where PostgreSQL can run as the launcher's own."""
    return NAME if os.geteuid() == 0 else None


def give_to_system_user(folder: Path, binaries: Path) -> None:
    """Make the user if it is missing; let it own the folder, reach it, and run the binaries.

    Raises LauncherError if the user cannot be made.
    """
    ensure_system_user()
    shutil.chown(folder, NAME, NAME)
    # Under a strict umask the wheel was installed for root's eyes only.
    for path in (binaries.parent, *binaries.parent.rglob("*")):
        is_run = path.is_dir() or path.parent == binaries
        allow(path, stat.S_IROTH | (stat.S_IXOTH if is_run else 0))
    for folder_above in {*folder.resolve().parents, *binaries.resolve().parents}:
        if allow(folder_above, stat.S_IXOTH):
            say(f"{folder_above}: other users may now pass through it (not list it), for PostgreSQL's sake")


def ensure_system_user() -> None:
    """Make the user if it is missing.

    Raises LauncherError.
    """
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        command = ("useradd", "--system", "--user-group", "--no-create-home", NAME)
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise wrong_input(
                "PostgreSQL does not run as root, and a user for it could not be made "
                f"({finished.stderr.strip()}); run this command as another user than root"
            ) from None


def allow(path: Path, permissions: int) -> bool:
    """Add permissions that a file or folder lacks; return whether it lacked any."""
    mode = path.stat().st_mode
    if mode & permissions == permissions:
        return False
    path.chmod(stat.S_IMODE(mode | permissions))
    return True
