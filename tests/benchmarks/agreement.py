"""Whether a server of the registered model decides as the model does: speed of other answers says nothing."""

from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any

import httpx
import numpy as np

from services.contracts.application import LoanApplication
from services.scorecard.bundle import Bundle
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.decide import decide_without_reasons
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import Cells
from tests.benchmarks.traffic import JSON_TYPE, Traffic

PROBABILITY = "probability_of_default"
CLOSE = 1e-9
"""Part of a probability: the same work gives the same, but for its way through JSON."""
WITHIN = 60.0
"""Seconds for an answer."""
Decided = Mapping[str, Any]


def decided(bundle: Bundle, rows: Sequence[Cells]) -> list[Decided]:
    """Return what the registered model of a bundle answers on applications."""
    catalogue = standard_catalogue()
    model = ready(bundle, load_policy(), catalogue)
    columns = columns_of([LoanApplication.model_validate(row) for row in rows])
    matrix = np.ascontiguousarray(catalogue.compute(columns)[:, bind(model.required, catalogue.features)])
    decisions = decide_without_reasons(model, matrix)
    told = zip(decisions.probabilities.tolist(), decisions.scores.tolist(), decisions.outcomes, strict=True)
    return [{PROBABILITY: chance, "score": score, "outcome": outcome} for chance, score, outcome in told]


def demand_agreement(address: str, traffic: Traffic, expected: Sequence[Decided]) -> None:
    """Ask for the first of the bodies. Raises AssertionError where the answer is another."""
    answer = httpx.post(
        address + traffic.path,
        content=traffic.bodies[0],
        headers=JSON_TYPE | traffic.headers,
        timeout=WITHIN,
    )
    assert answer.status_code == httpx.codes.OK, f"{address}{traffic.path} answered {answer.text[:500]}"
    predictions = answer.json()["predictions"]
    first = next(differences(predictions, expected), None)
    assert first is None, f"{address}{traffic.path} does not decide as the model does: {first}"


def differences(told: Sequence[Decided], expected: Sequence[Decided]) -> Iterator[str]:
    """Yield where answers are not what is expected."""
    if len(told) != len(expected):
        yield f"{len(told)} rows for {len(expected)}"
    for row, (one, other) in enumerate(zip(told, expected, strict=False)):
        if not _alike(one, other):
            yield f"row {row} is {dict(one)}, not {dict(other)}"


def _alike(one: Decided, other: Decided) -> bool:
    """Tell whether two are the same decision, by probabilities as good as the same."""
    return one.keys() == other.keys() and all(
        isclose(one[name], other[name], rel_tol=CLOSE) if name == PROBABILITY else one[name] == other[name]
        for name in other
    )
