"""What the changelog says of a version."""

import re
from pathlib import Path
from typing import Final

VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?")
CHANGELOG: Final = Path("CHANGELOG.md")
_SECTION: Final = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)


class ReleaseError(Exception):
    """A sentence that says what is wrong and what to do."""


def notes_of(version: str, changelog: str) -> str:
    """Return the section of a version. Raises ReleaseError where there is none, or nothing in it."""
    sections = list(_SECTION.finditer(changelog))
    for place, section in enumerate(sections):
        if section["title"].split(" ")[0] == version:
            end = sections[place + 1].start() if place + 1 < len(sections) else len(changelog)
            notes = changelog[section.end() : end].strip()
            if notes:
                return notes
    raise ReleaseError(
        f"{CHANGELOG} has no section `## {version} - YYYY-MM-DD` with something in it: "
        "rename Unreleased to it, and begin a new one"
    )
