"""The building the applicant lives in: 14 measures, each as average, mode and median, and others."""

from dataclasses import dataclass

import numpy as np

from services.sample.columns import BUILDING_KNOWN
from services.sample.dice import Columns, Dice, Numbers, Switch, blank, normal_of, on_grid, rank
from services.sample.population import Population


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a building, normalised to 0..1 over all buildings."""

    centre: float
    """Median of the values above zero."""
    spread: float
    """Standard deviation: of the logarithm, or of the value itself where `level`."""
    loads: tuple[float, float, float, float]
    """Correlation with height, breadth, newness and shops."""
    missing: float
    """Share missing among known buildings."""
    zero: float = 0
    """Share of zeros."""
    step: float = 0.0001
    """Grid of the values."""
    level: bool = False


_MEASURES = {
    "APARTMENTS": Measure(0.09, 0.8, (0.75, 0.57, 0.2, 0), 0.06),
    "BASEMENTAREA": Measure(0.08, 0.7, (0.45, 0.7, 0.15, 0), 0.21, zero=0.11),
    "YEARS_BEGINEXPLUATATION": Measure(0.9815, 0.008, (0.35, 0, 0.93, 0), 0.025, level=True),
    "YEARS_BUILD": Measure(0.755, 0.105, (0.35, 0, 0.93, 0), 0.36, level=True),
    "COMMONAREA": Measure(0.026, 1.15, (0.45, 0.35, 0.15, 0.1), 0.42, zero=0.09),
    "ELEVATORS": Measure(0.16, 0.75, (0.88, 0, 0.2, 0), 0.11, zero=0.6, step=1 / 25),
    "ENTRANCES": Measure(0.135, 0.55, (0.1, 0.85, 0, 0), 0.055, step=1 / 29),
    "FLOORSMAX": Measure(0.19, 0.55, (0.93, 0, 0.28, 0), 0.045, zero=0.02, step=1 / 24),
    "FLOORSMIN": Measure(0.21, 0.65, (0.66, 0, 0.1, 0), 0.39, zero=0.02, step=1 / 24),
    "LANDAREA": Measure(0.056, 0.82, (0.22, 0.5, 0, 0), 0.22, zero=0.13),
    "LIVINGAPARTMENTS": Measure(0.076, 0.78, (0.75, 0.57, 0.2, 0), 0.39),
    "LIVINGAREA": Measure(0.076, 0.86, (0.75, 0.57, 0.2, 0), 0.05),
    "NONLIVINGAPARTMENTS": Measure(0.008, 1.0, (0.2, 0.15, 0, 0.82), 0.41, zero=0.58, step=1 / 259),
    "NONLIVINGAREA": Measure(0.021, 1.45, (0.15, 0.15, 0, 0.82), 0.14, zero=0.42),
}
_TOTAL_AREA = Measure(0.07, 0.86, (0.73, 0.55, 0.2, 0), 0.016)
_VARIANTS = {"AVG": 0, "MODE": 0.13, "MEDI": 0.03}
"""How far a variant strays from the average, in standard deviations."""

_FUND = {
    "reg oper account": 0.77,
    "reg oper spec account": 0.12,
    "org spec account": 0.06,
    "not specified": 0.05,
}
_HOUSE = {"block of flats": 0.98, "specific housing": 0.01, "terraced house": 0.01}
# By height: low, middle, high.
_WALLS = {
    "Panel": (0.08, 0.49, 0.66),
    "Stone, brick": (0.58, 0.43, 0.24),
    "Block": (0.12, 0.06, 0.04),
    "Wooden": (0.16, 0.0, 0.0),
    "Mixed": (0.02, 0.01, 0.02),
    "Others": (0.04, 0.005, 0.005),
    "Monolithic": (0.0, 0.0, 0.03),
}
_WALL_HEIGHTS = (-1.1, 0.4)


def building(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw the building, or nothing where it is not known. Poor surveys all lack the same columns first."""
    rating = known["REGION_RATING_CLIENT"] - 1
    unknown = ~dice.chance("building", np.array(BUILDING_KNOWN)[rating] + population.building_known)
    survey = dice.normal("survey")
    height = 0.3 * known["wealth"] + 0.25 * np.log(known["REGION_POPULATION_RELATIVE"] / 0.018)
    height += 0.95 * dice.normal("height")
    causes = (height, dice.normal("breadth"), dice.normal("newness"), dice.normal("shops"))

    def hidden(name: str, share: float) -> Switch:
        return unknown | (0.95 * survey + 0.3 * dice.normal(f"survey of {name}") < normal_of(share))

    columns: Columns = {}
    # The table has the total area as mode only: the other variants are left out when it is written.
    for name, measure in (*_MEASURES.items(), ("TOTALAREA", _TOTAL_AREA)):
        standing = _standing(measure, causes, dice.normal(name))
        where = hidden(name, measure.missing)
        for variant, stray in _VARIANTS.items():
            value = _value(measure, standing + stray * dice.normal(f"{name} {variant}"))
            columns[f"{name}_{variant}"] = blank(value, where)
    walls = dice.word("walls", _WALLS, np.digitize(height, _WALL_HEIGHTS))
    return columns | {
        "WALLSMATERIAL_MODE": np.where(hidden("walls", 0.065), "", walls),
        "FONDKAPREMONT_MODE": np.where(hidden("fund", 0.4), "", dice.word("fund", _FUND)),
        "HOUSETYPE_MODE": np.where(hidden("house", 0.05), "", dice.word("house", _HOUSE)),
        "EMERGENCYSTATE_MODE": np.where(unknown, "", dice.word("emergency", {"No": 0.985, "Yes": 0.015})),
    }


def _standing(measure: Measure, causes: tuple[Numbers, ...], own: Numbers) -> Numbers:
    """Place each building among all others in one measure, as a standard normal number."""
    # Added one by one: a matrix product may round differently on another machine.
    shared = sum(load * cause for load, cause in zip(measure.loads, causes, strict=True))
    explained = sum(load**2 for load in measure.loads)
    return np.asarray(shared + np.sqrt(max(0.0, 1 - explained)) * own)


def _value(measure: Measure, standing: Numbers) -> Numbers:
    """Turn the place among all buildings into the normalised value."""
    if measure.level:
        value = measure.centre + measure.spread * standing
    else:
        above_zero = (rank(standing) - measure.zero) / (1 - measure.zero)
        rest = normal_of(np.clip(above_zero, 0.001, 0.999))
        value = np.where(above_zero < 0, 0, measure.centre * np.exp(measure.spread * rest))
    return np.round(on_grid(np.clip(value, 0, 1), measure.step), 4)
