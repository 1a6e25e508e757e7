"""A model card's Markdown, section by section."""

import re
from typing import Final

PICTURE: Final = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n?", re.MULTILINE)
PICTURES: Final = "Figures"
"""The section of pictures, which stand beside the card in MLflow."""


def sections_of(card: str) -> list[tuple[str, str]]:
    """Return title and text of each section; the first one, before any title, has none."""
    first, *others = re.split(r"^## ", card, flags=re.MULTILINE)
    opening = re.sub(r"^# .*\n", "", first).strip()
    # Links within the card lead to headings that are not on this page.
    told = [("", re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", opening))]
    for other in others:
        title, _, text = other.partition("\n")
        if title.strip() != PICTURES:
            told.append((title.strip(), PICTURE.sub("", text).strip()))
    return [(title, text) for title, text in told if text]
