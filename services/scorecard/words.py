"""The known words of the category columns. A word's code is its place in the list."""

from types import MappingProxyType
from typing import Final

MISSING: Final = -1
"""Code of an empty cell."""
UNKNOWN: Final = -2
"""Code of a word that is not in the list."""

MISSING_WORDS: Final = frozenset({"XNA"})
"""Words by which the source table says that a cell is empty."""

# The order is the code that trained models know: never reorder, never remove. A new word goes to
# the end and changes the feature's definition hash, so that only models trained with it accept it.
# Where words have an order of their own they stand in it, which saves a tree some splits.
KNOWN_WORDS: Final = MappingProxyType(
    {
        "NAME_CONTRACT_TYPE": ("Cash loans", "Revolving loans"),
        "CODE_GENDER": ("F", "M"),
        "FLAG_OWN_CAR": ("N", "Y"),
        "FLAG_OWN_REALTY": ("N", "Y"),
        "NAME_TYPE_SUITE": (
            "Unaccompanied",
            "Spouse, partner",
            "Children",
            "Family",
            "Group of people",
            "Other_A",
            "Other_B",
        ),
        "NAME_INCOME_TYPE": (
            "Unemployed",
            "Maternity leave",
            "Student",
            "Pensioner",
            "Working",
            "State servant",
            "Commercial associate",
            "Businessman",
        ),
        "NAME_EDUCATION_TYPE": (
            "Lower secondary",
            "Secondary / secondary special",
            "Incomplete higher",
            "Higher education",
            "Academic degree",
        ),
        "NAME_FAMILY_STATUS": (
            "Married",
            "Civil marriage",
            "Single / not married",
            "Separated",
            "Widow",
            "Unknown",
        ),
        "NAME_HOUSING_TYPE": (
            "House / apartment",
            "Co-op apartment",
            "Municipal apartment",
            "Office apartment",
            "Rented apartment",
            "With parents",
        ),
        "OCCUPATION_TYPE": (
            "Low-skill Laborers",
            "Cleaning staff",
            "Waiters/barmen staff",
            "Cooking staff",
            "Laborers",
            "Drivers",
            "Security staff",
            "Sales staff",
            "Private service staff",
            "Realty agents",
            "Secretaries",
            "Medicine staff",
            "Core staff",
            "HR staff",
            "Accountants",
            "IT staff",
            "High skill tech staff",
            "Managers",
        ),
        "WEEKDAY_APPR_PROCESS_START": (
            "MONDAY",
            "TUESDAY",
            "WEDNESDAY",
            "THURSDAY",
            "FRIDAY",
            "SATURDAY",
            "SUNDAY",
        ),
        "ORGANIZATION_TYPE": (
            "Advertising",
            "Agriculture",
            "Bank",
            "Business Entity Type 1",
            "Business Entity Type 2",
            "Business Entity Type 3",
            "Cleaning",
            "Construction",
            "Culture",
            "Electricity",
            "Emergency",
            "Government",
            "Hotel",
            "Housing",
            "Industry: type 1",
            "Industry: type 2",
            "Industry: type 3",
            "Industry: type 4",
            "Industry: type 5",
            "Industry: type 6",
            "Industry: type 7",
            "Industry: type 8",
            "Industry: type 9",
            "Industry: type 10",
            "Industry: type 11",
            "Industry: type 12",
            "Industry: type 13",
            "Insurance",
            "Kindergarten",
            "Legal Services",
            "Medicine",
            "Military",
            "Mobile",
            "Other",
            "Police",
            "Postal",
            "Realtor",
            "Religion",
            "Restaurant",
            "School",
            "Security",
            "Security Ministries",
            "Self-employed",
            "Services",
            "Telecom",
            "Trade: type 1",
            "Trade: type 2",
            "Trade: type 3",
            "Trade: type 4",
            "Trade: type 5",
            "Trade: type 6",
            "Trade: type 7",
            "Transport: type 1",
            "Transport: type 2",
            "Transport: type 3",
            "Transport: type 4",
            "University",
        ),
        "FONDKAPREMONT_MODE": (
            "not specified",
            "org spec account",
            "reg oper account",
            "reg oper spec account",
        ),
        "HOUSETYPE_MODE": ("block of flats", "specific housing", "terraced house"),
        "WALLSMATERIAL_MODE": (
            "Panel",
            "Stone, brick",
            "Block",
            "Wooden",
            "Mixed",
            "Monolithic",
            "Others",
        ),
        "EMERGENCYSTATE_MODE": ("No", "Yes"),
    }
)


def codes_of_words(column: str) -> dict[str | None, int]:
    """Code of every word of a category column, of an empty cell and of the words that mean one."""
    codes: dict[str | None, int] = {word: code for code, word in enumerate(KNOWN_WORDS[column])}
    return codes | dict.fromkeys(MISSING_WORDS, MISSING) | {None: MISSING}
