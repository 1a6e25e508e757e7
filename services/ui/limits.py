"""What each cell may hold, from the gateway's OpenAPI document: written there once."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Limit:
    """What a cell may hold: a number in an interval, or a text."""

    least: float = -inf
    most: float = inf
    above: bool = False
    """Whether `least` itself is too little."""
    whole: bool = False
    others: tuple[float, ...] = ()
    """Single numbers outside of the interval that stand for something."""
    required: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether a number may stand in the cell."""
        if value in self.others:
            return True
        low = value > self.least if self.above else value >= self.least
        return low and value <= self.most and not (self.whole and value != int(value))


def limits_of(document: Mapping[str, Any]) -> dict[str, Limit]:
    """Return the limits by column. Raises KeyError for a document of something else."""
    schema = document["components"]["schemas"]["LoanApplication"]
    required = frozenset(schema.get("required", ()))
    return {name: _limit(cell, name in required) for name, cell in schema["properties"].items()}


def example_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of the document's complete example, without those that are not stated."""
    operation = document["paths"]["/v1/applications"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    cells: Mapping[str, Any] = examples["complete"]["value"]["application"]
    return {column: cell for column, cell in cells.items() if cell is not None}


def _limit(cell: Mapping[str, Any], required: bool) -> Limit:
    parts = list(_parts(cell))
    numbers = [part for part in parts if part.get("type") in {"number", "integer"}]
    others = tuple(float(part["const"]) for part in parts if isinstance(part.get("const"), int | float))
    if not numbers:
        return Limit(others=others, required=required)
    number = numbers[0]
    return Limit(
        least=number.get("exclusiveMinimum", number.get("minimum", -inf)),
        most=number.get("maximum", inf),
        above="exclusiveMinimum" in number,
        whole=number["type"] == "integer" or number.get("multipleOf") == 1,
        others=others,
        required=required,
    )


def _parts(cell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = cell.get("anyOf")
    return [part for each in inner for part in _parts(each)] if inner else [cell]
