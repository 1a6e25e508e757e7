"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a cell's line breaks and bars are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def code(text: object) -> str:
    """Return a text as code, or nothing for nothing."""
    return f"`{text}`" if text not in ("", None) else ""


def _cell(content: object) -> str:
    return " ".join(str(content).split()).replace("|", "\\|")
