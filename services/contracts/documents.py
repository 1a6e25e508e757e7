"""Write the contracts' documents: `python -m services.contracts.documents`, from the root of the repository.

A JSON Schema for every event and one AsyncAPI document, the same bytes from the same code.
"""

import json
from pathlib import Path
from typing import Final

from services.contracts.asyncapi import document
from services.contracts.schemas import JsonObject, event_schemas

FOLDER: Final = Path("docs/contracts")
SCHEMAS: Final = "schemas"


def documents() -> dict[str, str]:
    """Return the text of every document by its path in the folder."""
    schemas = {f"{SCHEMAS}/{name}.json": _text(schema) for name, schema in event_schemas().items()}
    return schemas | {"asyncapi.json": _text(document())}


def write(folder: Path) -> None:
    """Write all documents into `folder` and remove schemas that the code has no more. Raises OSError."""
    texts = documents()
    for stale in set((folder / SCHEMAS).glob("*.json")) - {folder / name for name in texts}:
        stale.unlink()
    (folder / SCHEMAS).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(content: JsonObject) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write(FOLDER)
