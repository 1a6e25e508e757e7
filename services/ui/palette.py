"""Colours. Text on its ground has a contrast of 4.5 to 1 or more; no colour says anything alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INK: Final = "#17231f"
PAPER: Final = "#f7f7f2"
PANEL: Final = "#ffffff"
SHADE: Final = "#eceee8"
LINE: Final = "#d9ddd5"
PRIMARY: Final = "#0b6b50"
GOLD: Final = "#e0b04c"
NIGHT: Final = "#10312a"
NIGHT_RAISED: Final = "#1b443b"
NIGHT_LINE: Final = "#2c5a4f"
ON_NIGHT: Final = "#eaf3ef"

APPROVED: Final = "#0b6b50"
APPROVED_GROUND: Final = "#e1f1ea"
REFUSED: Final = "#a8371f"
REFUSED_GROUND: Final = "#fae6e0"
REVIEW: Final = "#805300"
REVIEW_GROUND: Final = "#fbf0d9"
NEUTRAL: Final = "#7b8781"

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "approved": (APPROVED, APPROVED_GROUND),
        "refused": (REFUSED, REFUSED_GROUND),
        "review": (REVIEW, REVIEW_GROUND),
    }
)
"""Colour and ground of each outcome."""
SIGNS: Final[Mapping[str, str]] = MappingProxyType({"approved": "✓", "refused": "✕", "review": "◆"})
"""Sign of each outcome, for who does not see colours."""
