"""What can be adjusted in a training, and its defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.scorecard.bundle import Costs
from services.training.fit_trees import Fitting

Comparison = Literal["full", "quick", "none"]
TREES, RATE = 3000, 0.03
QUICK_TREES, QUICK_RATE = 750, 0.12
COMPARED_TREES, QUICK_COMPARED_TREES, COMPARED_LEARNT = 500, 120, 15.0
"""Trees of boosted models that are compared, and their number times the rate."""


@dataclass(frozen=True, slots=True)
class Options:
    """One training."""

    data: Path
    """Folder of application_train.csv."""
    fitting: Fitting
    folds: int
    repeats: int | None
    """Times that the candidate is cross-validated, each on other folds; None to go by the number of rows."""
    costs: Costs
    workers: int
    """Fits that run side by side; the result does not depend on it."""
    model_name: str
    experiment: str
    comparison: Comparison
    compared_rows: int
    """At most so many rows are compared on."""
    compared: Fitting
    """How boosted trees and scorecards are fitted to be compared: a number of trees instead of a limit."""
    test_share: float
    """Share of the rows that nothing is fitted, chosen or calibrated on."""
    unless_champion: bool
    """Train nothing where the registered model has a champion."""
    scheduler: str | None
    """Address of a Dask cluster that searches; None for this machine."""
