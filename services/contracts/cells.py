"""Types of the cells of an application: what each may hold, in the units of the source table."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.contracts.described import Described

NO_EMPLOYMENT = 365_243
"""What the source table writes into DAYS_EMPLOYED for a client without employment."""


def _past_or_no_employment(days: float) -> float:
    if days > 0 and days != NO_EMPLOYMENT:
        raise PydanticCustomError(
            "days_employed",
            "must be 0 or negative (days before the application), or {none} for no employment",
            {"none": NO_EMPLOYMENT},
        )
    return days


# Numbers are strict, so that "12" is an error and not twelve, and whole numbers may be written 1.0,
# as data-frame libraries do for columns with empty cells.
Identifier = Annotated[int, Field(strict=True, ge=1, le=2**53)]
Amount = Annotated[float, Field(strict=True, gt=0, le=1e10, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Years = Annotated[float, Field(strict=True, ge=0, le=120, allow_inf_nan=False)]
Count = Annotated[float, Field(strict=True, ge=0, le=1000, multiple_of=1, allow_inf_nan=False)]
Flag = Annotated[float, Field(strict=True, ge=0, le=1, multiple_of=1, allow_inf_nan=False)]
Hour = Annotated[float, Field(strict=True, ge=0, le=23, multiple_of=1, allow_inf_nan=False)]
RegionRating = Annotated[float, Field(strict=True, ge=-1, le=3, multiple_of=1, allow_inf_nan=False)]
"""1 to 3; the source table has a -1 for a rating that is not known."""
DaysBefore = Annotated[float, Field(strict=True, ge=-36_525, le=0, allow_inf_nan=False)]
DaysOfLife = Annotated[float, Field(strict=True, ge=-43_830, le=-1, allow_inf_nan=False)]
DaysEmployed = Annotated[
    float,
    Field(strict=True, ge=-36_525, le=NO_EMPLOYMENT, allow_inf_nan=False),
    AfterValidator(_past_or_no_employment),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": -36_525, "maximum": 0}, {"const": NO_EMPLOYMENT}]}
    ),
]
Category = Annotated[str, Field(strict=True, max_length=64)]
"""A word of a list that grows: a word that is not known is counted and treated as missing."""
YesNo = Literal["Y", "N"]
EmergencyState = Literal["Yes", "No"]
Weekday = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


class Cells(Described):
    """A frozen row. A field that is not known is carried along, so that it can be counted, and never read."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)
