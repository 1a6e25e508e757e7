import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scorecard.arithmetic import Block
from services.scorecard.instalments import implied_rate, implied_term


def loan(credit: float, instalment: float) -> Block:
    return np.array([[credit], [instalment]])


def instalment(credit: float, months: int, yearly_rate: float) -> float:
    rate = yearly_rate / 12
    return credit * rate / (1 - (1 + rate) ** -months)


@pytest.mark.parametrize("months", range(12, 61, 6))
@pytest.mark.parametrize("yearly_rate", [0.25, 0.27])
def test_term_and_rate_are_found_again(months: int, yearly_rate: float) -> None:
    block = loan(1e5, instalment(1e5, months, yearly_rate))
    assert implied_term(block) == [months]
    np.testing.assert_allclose(implied_rate(block), [yearly_rate], rtol=1e-9)


@given(credit=st.floats(1e3, 1e7), quotient=st.floats(1, 59.3))
def test_the_rate_solves_its_equation(credit: float, quotient: float) -> None:
    block = loan(credit, credit / quotient)
    [months], [rate] = implied_term(block), implied_rate(block) / 12
    np.testing.assert_allclose((1 - (1 + rate) ** -months) / rate, quotient, rtol=1e-9)
    assert rate > 0


@given(quotient=st.floats(1, 36))
def test_the_rate_is_never_under_the_least_where_the_term_can_be_chosen(quotient: float) -> None:
    assume_longest = quotient > (1 - (1 + 0.25 / 12) ** -60) / (0.25 / 12)
    rate = implied_rate(loan(quotient, 1.0))[0]
    assert assume_longest or rate >= 0.25 - 1e-9


@pytest.mark.parametrize(
    ("credit", "monthly"),
    [(np.nan, 1.0), (1e5, np.nan), (1e5, 0.0), (1e5, 2e5), (60.0, 1.0), (5e-324, 1e10), (1e10, 5e-324)],
)
def test_amounts_out_of_proportion_have_no_rate(credit: float, monthly: float) -> None:
    with np.errstate(divide="raise", invalid="raise"), np.errstate(over="ignore"):
        assert np.isnan(implied_rate(loan(credit, monthly))[0])


@pytest.mark.parametrize(("credit", "monthly", "months"), [(1.0, 1e10, 12), (1e10, 1.0, 60)])
def test_the_term_stays_within_the_usual(credit: float, monthly: float, months: int) -> None:
    assert implied_term(loan(credit, monthly)) == [months]
