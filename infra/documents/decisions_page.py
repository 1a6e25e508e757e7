"""Decisions on record: the title and standing of each."""

from pathlib import Path
from typing import Final

from infra.documents.tables import table

FOLDER: Final = Path("docs/adr")


def decisions_page() -> str:
    """Return the page. A record begins with its title, then says how it stands."""
    rows = []
    for file in sorted(FOLDER.glob("*.md")):
        title, standing = [line for line in file.read_text(encoding="utf-8").splitlines() if line][:2]
        rows.append((f"[{title.lstrip('# ')}](../adr/{file.name})", standing))
    return f"# Decisions on record\n\n{table(('Decision', ''), rows)}\n"
