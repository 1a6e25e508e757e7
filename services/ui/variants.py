"""Variants of a loan around what the sliders hold, and where among them the decision turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import Final

from services.ui.answers import Cells, Decision
from services.ui.loan_terms import QUANTITIES, Loan, Quantity, cells_with, range_of

POINTS: Final = 41
"""Values of each quantity that are tried."""
FINER: Final = 24
"""Values tried between two of them, at most."""
ROUND: Final = tuple(digit * 10.0**power for power in range(12) for digit in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Turn:
    """The value of one quantity nearest to the present one at which the decision is another."""

    quantity: Quantity
    old: float
    new: float
    approved: bool
    """Whether the turned decision is an approval."""

    @property
    def change(self) -> float:
        """The relative change, which tells which turn is the smallest."""
        return self.new / self.old - 1


def grid(quantity: Quantity, origin: Loan, now: Loan) -> tuple[float, ...]:
    """Return the values to try, from the range around the application as it was handed in."""
    found = range_of(quantity, origin)
    if found is None or now.value(quantity) is None:
        return ()
    least, most, _ = found
    return paid_back(quantity, now, between(least, most, POINTS))


def paid_back(quantity: Quantity, now: Loan, values: Sequence[float]) -> tuple[float, ...]:
    """Return the values at which the loan is still paid back, where it is at present."""
    if now.term is None:
        return tuple(values)
    return tuple(value for value in values if now.moved(quantity, value).term is not None)


def between(least: float, most: float, points: int) -> tuple[float, ...]:
    """Return equally spaced values, both ends among them."""
    return tuple(least + (most - least) * place / (points - 1) for place in range(points))


def offered(near: float, far: float, step: float, most: int) -> tuple[float, ...]:
    """Return values that can be offered between `near` and just beyond `far`, so many at most.

    They are multiples of the step, or of 2, 5, 10, 20 of it and so on where there would be too many.
    """
    wide = next(step * size for size in ROUND if abs(far - near) / (step * size) < most - 2)
    first, last = sorted((near, far))
    places = range(floor(first / wide), ceil(last / wide) + 1)
    return tuple(place * wide for place in places if place > 0 and place * wide != near)


def outcome_runs(tried: Sequence[tuple[float, Decision]]) -> list[tuple[float, float, Decision]]:
    """Return from where to where the engine decides alike, with the first of these decisions.

    Two neighbours that are decided otherwise share the way between them.
    """
    runs: list[tuple[float, float, Decision]] = []
    for value, decision in tried:
        same = runs and (runs[-1][2].outcome, runs[-1][2].policy_rule) == (
            decision.outcome,
            decision.policy_rule,
        )
        if same:
            runs[-1] = (runs[-1][0], value, runs[-1][2])
            continue
        begin = value
        if runs:
            begin = (runs[-1][1] + value) / 2
            runs[-1] = (runs[-1][0], begin, runs[-1][2])
        runs.append((begin, value, decision))
    return runs


def variants(cells: Cells, now: Loan, values: Mapping[Quantity, Sequence[float]]) -> list[Cells]:
    """Return the application for each value of each quantity, in the order of the mapping."""
    pairs = ((quantity, value) for quantity, tried in values.items() for value in tried)
    return [cells_with(cells, now.moved(quantity, value)) for quantity, value in pairs]


def dealt_out(
    values: Mapping[Quantity, Sequence[float]], decisions: Sequence[Decision | None]
) -> dict[Quantity, list[tuple[float, Decision]]]:
    """Return value and decision by quantity; what could not be decided is left out."""
    dealt: dict[Quantity, list[tuple[float, Decision]]] = {}
    start = 0
    for quantity, tried in values.items():
        pairs = zip(tried, decisions[start : start + len(tried)], strict=True)
        dealt[quantity] = [(value, decision) for value, decision in pairs if decision is not None]
        start += len(tried)
    return dealt


def bracket(
    tried: Sequence[tuple[float, Decision]], value: float, approved: bool
) -> tuple[float, float] | None:
    """Return the nearest interval at whose far end the decision is another, its near end first."""
    found = []
    for side in (
        sorted((pair for pair in tried if pair[0] >= value), key=lambda pair: pair[0]),
        sorted((pair for pair in tried if pair[0] <= value), key=lambda pair: -pair[0]),
    ):
        near = value
        for far, decision in side:
            if (decision.outcome == "approved") != approved:
                found.append((near, far))
                break
            near = far
    return min(found, key=lambda ends: abs(ends[1] - value), default=None)


def first_turn(
    quantity: Quantity, value: float, tried: Sequence[tuple[float, Decision]], approved: bool
) -> Turn | None:
    """Return the turn nearest to the present value among those tried."""
    turned = [far for far, decision in tried if (decision.outcome == "approved") != approved]
    if not turned:
        return None
    return Turn(quantity, value, min(turned, key=lambda far: abs(far - value)), not approved)


def crossing(tried: Sequence[tuple[float, Decision]]) -> tuple[float, ...]:
    """Return where the probability meets the threshold, between neighbours on a straight line."""
    found = []
    for (left, before), (right, after) in pairwise(tried):
        low = before.probability_of_default - before.threshold
        high = after.probability_of_default - after.threshold
        if (low < 0) != (high < 0):
            found.append(left + (right - left) * low / (low - high))
    return tuple(found)


def smallest_first(turns: Sequence[Turn]) -> list[Turn]:
    """Return turns, the smallest relative change first; the income, which nobody can choose, last."""
    return sorted(turns, key=lambda turn: (turn.quantity == "income", abs(turn.change)))


def every_grid(origin: Loan, now: Loan) -> dict[Quantity, tuple[float, ...]]:
    """Return the values to try of all quantities."""
    return {quantity: grid(quantity, origin, now) for quantity in QUANTITIES}
