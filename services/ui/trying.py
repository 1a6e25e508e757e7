"""Asks the engine what it would decide: one request for the curve, one for the exact turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.ui.answers import Cells, Decision
from services.ui.loan_terms import Loan, Quantity, cells_with, step_of
from services.ui.variants import (
    FINER,
    Turn,
    bracket,
    dealt_out,
    every_grid,
    first_turn,
    offered,
    paid_back,
    smallest_first,
    variants,
)


class Engine(Protocol):
    """Who decides without recording."""

    def dry_run(self, variants: Sequence[Cells]) -> list[Decision | None]:
        """Return a decision for each variant, None for one that is not valid."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What would be decided."""

    now: Decision
    """With the sliders as they are."""
    curve: list[tuple[float, Decision]]
    """By amount."""
    turns: list[Turn]
    """The smallest first, and last what the client cannot change."""


def try_out(engine: Engine, cells: Cells, origin: Loan, now: Loan) -> Tried | None:
    """Return what would be decided around `now`, or None where the engine cannot decide on it.

    Raises AwayError and RefusedError.
    """
    values = every_grid(origin, now)
    decisions = engine.dry_run([cells_with(cells, now), *variants(cells, now, values)])
    decided = decisions[0]
    if decided is None:
        return None
    dealt = dealt_out(values, decisions[1:])
    return Tried(decided, dealt["amount"], _turns(engine, cells, now, decided, dealt))


def _turns(
    engine: Engine,
    cells: Cells,
    now: Loan,
    decided: Decision,
    dealt: dict[Quantity, list[tuple[float, Decision]]],
) -> list[Turn]:
    approved = decided.outcome == "approved"
    finer: dict[Quantity, tuple[float, ...]] = {}
    present: dict[Quantity, float] = {}
    for quantity, tried in dealt.items():
        value = now.value(quantity)
        ends = None if value is None else bracket(tried, value, approved)
        if value is not None and ends is not None:
            present[quantity] = value
            steps = offered(*ends, step_of(quantity, value), FINER)
            finer[quantity] = paid_back(quantity, now, steps)
    if not finer:
        return []
    exact = dealt_out(finer, engine.dry_run(variants(cells, now, finer)))
    turns = [first_turn(name, present[name], tried, approved) for name, tried in exact.items()]
    return smallest_first([turn for turn in turns if turn is not None])
