"""Applications for the contracts' unit tests, as JSON."""

import json
from typing import Any

REQUIRED: dict[str, Any] = {
    "SK_ID_CURR": 1,
    "AMT_INCOME_TOTAL": 90000,
    "AMT_CREDIT": 250000.5,
    "DAYS_BIRTH": -12000,
}


def submitted(cells: dict[str, Any] | None = None, **fields: object) -> bytes:
    """Return a submitted application in bytes: the required cells with `cells` over them."""
    return json.dumps(
        {"application_id": "a-1", "application": {**REQUIRED, **(cells or {})}, **fields}
    ).encode()
