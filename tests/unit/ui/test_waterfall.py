from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ui.waterfall import BASE, REST, TOTAL, log_odds, probability_of, steps

shares = st.floats(0.001, 0.999)
contributions = st.lists(st.tuples(st.just("CODE"), st.floats(-3, 3)), max_size=4)


@given(shares, contributions, shares)
def test_steps_lead_from_the_base_rate_to_the_probability_without_a_gap(
    base: float, told: list[tuple[str, float]], final: float
) -> None:
    found = steps(base, told, final)
    assert (found[0].code, found[1].code, found[-1].code) == (BASE, REST, TOTAL)
    assert all(before.end == pytest.approx(after.start) for before, after in pairwise(found[:-1]))
    assert found[-2].end == pytest.approx(final)
    assert (found[0].end, found[-1].end) == (base, final)
    for step, (_, contribution) in zip(found[2:-1], told, strict=True):
        assert step.size * contribution >= 0


def test_log_odds_and_probabilities_are_inverse_and_certainty_is_held_back() -> None:
    assert probability_of(log_odds(0.08)) == pytest.approx(0.08)
    assert steps(0.08, [], 0.0)[-1].end == 0.0
    assert steps(0.08, [], 1.0)[1].end == pytest.approx(1.0, abs=1e-5)
