"""The golden applications: what any model must be able to decide on before it decides anything."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

import numpy as np

from services.contracts.application import LoanApplication
from services.contracts.cells import NO_EMPLOYMENT
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.scorecard.columns import CATEGORY_COLUMNS, IDENTIFIER, UNKNOWN_RATING, columns_of
from services.scorecard.compatibility import FeatureMissing, bind
from services.scorecard.decide import decide
from services.scorecard.model import Model
from services.scorecard.ranges import Range, allowed_numbers, allowed_words
from services.scorecard.standard import standard_catalogue

_BATCH_ROWS: Final = 256
"""So many rows are timed at once, as the stream decides on batches too."""
_TIMED: Final = 5


def golden_applications() -> tuple[LoanApplication, ...]:
    """Return ordinary applications, the smallest one, and those at the ends of what the contract allows."""
    # What the source table writes for "none", and a word and a field that nobody knows.
    odd = {
        "DAYS_EMPLOYED": NO_EMPLOYMENT,
        "REGION_RATING_CLIENT": UNKNOWN_RATING,
        "OCCUPATION_TYPE": "a word that nobody knows",
        "FIELD_THAT_NOBODY_KNOWS": 1,
    }
    rows: tuple[dict[str, Any], ...] = (
        APPLICATION,
        SMALLEST_APPLICATION,
        {**APPLICATION, **odd},
        _extreme(_lowest),
        _extreme(_highest),
    )
    return tuple(LoanApplication.model_validate(row) for row in rows)


def score_golden(model: Model) -> float:
    """Decide on the golden applications and return the seconds per row, from applications to reasons.

    Raises ValueError when the model needs features that this release does not compute, or gives no
    probability for some application.
    """
    catalogue, applications = standard_catalogue(), golden_applications()
    try:
        places = bind(model.required, catalogue.features)
    except FeatureMissing as error:
        raise ValueError(str(error)) from error

    def decide_on(rows: list[LoanApplication]) -> None:
        decide(model, np.ascontiguousarray(catalogue.compute(columns_of(rows))[:, places]))

    # Numbers that overflow end in no probability, which is told in a sentence; numpy need not warn as well.
    with np.errstate(over="ignore", invalid="ignore"):
        for application in applications:
            decide_on([application])
    repeats = -(-_BATCH_ROWS // len(applications))
    batch = list(applications) * repeats
    # The fastest of some: others on the machine can only make it slower.
    return min(_seconds(decide_on, batch) for _ in range(_TIMED)) / len(batch)


def golden_or_error(model: Model) -> float | str:
    """Return what `score_golden` does, or the sentence that it raises, as the gate wants it."""
    try:
        return score_golden(model)
    except ValueError as error:
        return str(error)


def _seconds(work: Callable[[list[LoanApplication]], None], rows: list[LoanApplication]) -> float:
    begun = perf_counter()
    work(rows)
    return perf_counter() - begun


def _extreme(end: Callable[[Range], float]) -> dict[str, Any]:
    """Return an application of which every number is at an end of its range."""
    numbers = {name: end(allowed.ranges[0]) for name, allowed in allowed_numbers().items()}
    words = {name: min(allowed_words().get(name, {"XNA"})) for name in CATEGORY_COLUMNS}
    return {**numbers, **words, IDENTIFIER: int(numbers[IDENTIFIER])}


def _lowest(allowed: Range) -> float:
    return float(np.nextafter(allowed.lowest, np.inf)) if allowed.open_below else allowed.lowest


def _highest(allowed: Range) -> float:
    return allowed.highest
