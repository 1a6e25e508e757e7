"""What an application holds beyond the contract's fields: kept, not read, and bounded."""

from collections.abc import Iterator
from math import isfinite
from typing import Annotated, Final

from pydantic import AfterValidator, TypeAdapter
from pydantic_core import PydanticCustomError

from services.contracts.application import LoanApplication
from services.contracts.event import printable

MOST_FURTHER: Final = 1_000
"""Values in the further fields of an application, lists' elements and objects' members counted: eight times
what it has cells. They go through the whole engine, and take far more memory in each part than their text."""
SHOWN_NAME: Final = 80
"""Characters of a further field's name that are told."""


def with_fair_further_fields(application: LoanApplication) -> LoanApplication:
    """Return the application, unless its further fields hold too many values, or what JSON has no word for.

    That is NaN and infinities: they would be kept as null. Raises PydanticCustomError.
    """
    held = 0
    for name, further in (application.model_extra or {}).items():
        for value in _values(further):
            held += 1
            if held > MOST_FURTHER:
                said = "{name} and the further fields before it hold more than {most} values; leave some out"
                raise PydanticCustomError("further", said, {"name": _shown(name), "most": MOST_FURTHER})
            if isinstance(value, float) and not isfinite(value):
                raise PydanticCustomError("finite", "{name} must hold finite numbers", {"name": _shown(name)})
    return application


def _values(value: object) -> Iterator[object]:
    """Yield a value and all in it, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        yield found
        match found:
            case list() as items:
                waiting.extend(items)
            case dict() as members:
                waiting.extend(members.values())


def _shown(name: str) -> str:
    return printable(name, SHOWN_NAME)


BARE: Final[TypeAdapter[LoanApplication]] = TypeAdapter(
    Annotated[LoanApplication, AfterValidator(with_fair_further_fields)]
)
"""An application with nothing around it, held to what one that is handed in is held to."""
