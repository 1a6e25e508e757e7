"""The form's fields: which cell each is about, and how a person fills it in."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import yaml

from services.contracts.application import LoanApplication
from services.scorecard.words import KNOWN_WORDS

Kind = Literal[
    "amount",
    "identifier",
    "age",
    "job",
    "years_ago",
    "number",
    "share",
    "choice",
    "yes_no",
    "flag",
    "state",
    "rating",
    "documents",
]
KINDS: Final[dict[str, Kind]] = {kind: kind for kind in get_args(Kind)}
DOCUMENT: Final = "FLAG_DOCUMENT_"
FIXED: Final[dict[str, tuple[str, ...]]] = {
    "yes_no": ("Y", "N"),
    "flag": ("1", "0"),
    "state": ("Yes", "No"),
    "rating": ("1", "2", "3"),
}
"""Options of the kinds whose words are the contract's own."""
BUILDING: Final = "building"
MEASURES: Final = ("_AVG", "_MODE", "_MEDI")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form."""

    column: str
    kind: Kind
    default: str | None = None

    @property
    def key(self) -> str:
        """Under which the page keeps what stands in it."""
        return f"field:{self.column}"

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen, in the contract's words."""
        return FIXED.get(self.kind) or KNOWN_WORDS.get(self.column, ())


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    name: str
    open: bool
    fields: tuple[Field, ...]


@cache
def groups() -> tuple[Group, ...]:
    """Return the form, group by group."""
    text = files("services.ui").joinpath("fields.yaml").read_text(encoding="utf-8")
    return tuple(
        Group(told["name"], told.get("open", False), _fields(told["name"], told["fields"]))
        for told in yaml.safe_load(text)["groups"]
    )


@cache
def every_field() -> tuple[Field, ...]:
    """Return all fields of the form."""
    return tuple(field for group in groups() for field in group.fields)


@cache
def document_columns() -> tuple[str, ...]:
    """Return the columns of the documents that may be handed in."""
    return tuple(name for name in LoanApplication.model_fields if name.startswith(DOCUMENT))


def _fields(group: str, told: list[dict[str, str]]) -> tuple[Field, ...]:
    fields = [Field(one["column"], KINDS[one["kind"]], one.get("default")) for one in told]
    if group == BUILDING:
        # The building is 47 numbers of one kind: the contract lists them.
        named = {field.column for field in fields}
        measured = [name for name in LoanApplication.model_fields if name.endswith(MEASURES)]
        fields += [Field(name, "share") for name in measured if name not in named]
    return tuple(fields)
