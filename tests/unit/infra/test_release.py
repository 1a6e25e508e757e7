"""A release is refused until everything is said; then its wheel has its version."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.settings import REPOSITORY

SAID = """# Changelog

## Unreleased

## 1.2.0 - 2026-12-01

- Faster.

## 1.1.0 - 2026-11-01

- First.
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clean repository with what a wheel needs."""
    folder = tmp_path / "octroi"
    (folder / "services").mkdir(parents=True)
    (folder / "services" / "__init__.py").touch()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    (folder / ".gitignore").write_text("dist/\n")
    (folder / "CHANGELOG.md").write_text(SAID)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ("git", *identity, *arguments)
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "feat: all")


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    run = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); "
        "from infra.release.__main__ import main; sys.exit(main())"
    )
    command = (sys.executable, "-c", run, *arguments)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_dry_run_builds_the_version_and_tags_nothing(clone: Path) -> None:
    done = release(clone, "1.2.0")
    assert done.returncode == 0, done.stderr
    assert "- Faster." in done.stdout
    assert "- First." not in done.stdout
    assert [file.name for file in (clone / "dist").iterdir()] == ["octroi-1.2.0-py3-none-any.whl"]
    assert git(clone, "tag") == ""


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ("1.2", "1.2 is no version"),
        ("1.3.0", "has no section `## 1.3.0 - YYYY-MM-DD`"),
        ("1.1.0", "the tag v1.1.0 is there already"),
    ],
)
def test_what_keeps_a_version_from_being_released_is_told(clone: Path, version: str, fault: str) -> None:
    git(clone, "tag", "v1.1.0")
    refused = release(clone, version)
    assert refused.returncode == 1
    assert fault in refused.stderr


def test_changes_and_other_branches_are_not_released(clone: Path) -> None:
    (clone / "README.md").write_text("changed")
    assert "changes that are not committed" in release(clone, "1.2.0").stderr
    commit(clone)
    git(clone, "switch", "--quiet", "--create", "other")
    assert "releases are made of main" in release(clone, "1.2.0").stderr
