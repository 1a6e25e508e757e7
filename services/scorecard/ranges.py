"""What the contract lets each number be, checked for whole columns at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.application import LoanApplication

_NOTHING_BELOW: Final = -np.inf
_NOTHING_ABOVE: Final = np.inf


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers; both ends belong to it unless it says otherwise."""

    lowest: float
    highest: float
    open_below: bool
    whole: bool

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell for each value whether it is in the interval; NaN never is."""
        above = values > self.lowest if self.open_below else values >= self.lowest
        inside: NDArray[np.bool_] = above & (values <= self.highest)
        return inside & (np.floor(values) == values) if self.whole else inside

    def __str__(self) -> str:
        if self.lowest == self.highest:
            return f"{self.lowest:g}"
        number = "a whole number" if self.whole else "a number"
        below = "above" if self.open_below else "from"
        return f"{number} {below} {self.lowest:g} to {self.highest:g}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a column may hold: a number in one of the ranges, or nothing where it is not required."""

    ranges: tuple[Range, ...]
    required: bool

    def first_offence(self, values: NDArray[np.float64]) -> int | None:
        """Return the place of the first value that is not allowed; NaN stands for an empty cell."""
        good = np.zeros(values.shape, dtype=bool) if self.required else np.isnan(values)
        for interval in self.ranges:
            good |= interval.holds(values)
        return None if good.all() else int(np.argmin(good))

    def __str__(self) -> str:
        numbers = " or ".join(map(str, self.ranges))
        return numbers if self.required else f"{numbers}, or empty"


@cache
def allowed_numbers() -> Mapping[str, Allowed]:
    """Return what each column of numbers may hold, as the contract's own JSON Schema says."""
    schema = LoanApplication.model_json_schema()
    required = set(schema["required"])
    allowed = {}
    for name, column in schema["properties"].items():
        ranges = tuple(_range(part) for part in column.get("anyOf", [column]) if _is_number(part))
        if ranges:
            allowed[name] = Allowed(ranges, name in required)
    return MappingProxyType(allowed)


@cache
def allowed_words() -> Mapping[str, frozenset[str]]:
    """Return the words of the columns that allow no others."""
    schema = LoanApplication.model_json_schema()
    return MappingProxyType(
        {
            name: frozenset(part["enum"])
            for name, column in schema["properties"].items()
            for part in column.get("anyOf", [column])
            if "enum" in part
        }
    )


def _is_number(part: dict[str, Any]) -> bool:
    return part.get("type") in {"number", "integer"} or isinstance(part.get("const"), int | float)


def _range(part: dict[str, Any]) -> Range:
    if "const" in part:
        return Range(part["const"], part["const"], open_below=False, whole=False)
    return Range(
        part.get("exclusiveMinimum", part.get("minimum", _NOTHING_BELOW)),
        part.get("maximum", _NOTHING_ABOVE),
        open_below="exclusiveMinimum" in part,
        whole=part.get("multipleOf") == 1 or part["type"] == "integer",
    )
