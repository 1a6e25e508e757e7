"""Documents beside the site lead where they say; links within the site are looked at when it is built."""

import re
from pathlib import Path

from tests.contract.repository import ROOT

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    folders = [ROOT / name for name in ("infra", "services")]
    return [*ROOT.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the names that headings have as anchors, as GitHub makes them."""
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {name.replace(" ", "-") for name in kept}


def leads_nowhere(page: Path, target: str, anchor: str) -> bool:
    there = page.parent / target if target else page
    if not there.exists():
        return True
    return bool(anchor) and there.suffix == ".md" and anchor not in anchors(there)


def test_every_link_leads_somewhere() -> None:
    links = [(page, *link) for page in pages() for link in LINK.findall(prose(page))]
    assert len(links) > len(pages())
    assert [link for link in links if leads_nowhere(*link)] == []
