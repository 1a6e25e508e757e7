"""Plots of decisions are pictures, whatever they show."""

import numpy as np
import pytest

from services.training.plots import decision_plots
from tests.unit.training.card_example import FAIRNESS


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0])
def test_every_plot_is_a_picture(scale: float) -> None:
    random = np.random.default_rng(1)
    probabilities = scale * random.random(500)
    drawn = decision_plots(random.random(500) < 0.1, probabilities, 0.1, FAIRNESS)
    assert sorted(drawn) == ["distribution.png", "fairness.png", "reliability.png", "separation.png"]
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())


def test_without_groups_there_is_no_picture_of_them() -> None:
    drawn = decision_plots(np.array([True, False]), np.array([0.4, 0.2]), 0.3, ())
    assert sorted(drawn) == ["distribution.png", "reliability.png", "separation.png"]
