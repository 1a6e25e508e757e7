"""The term and the interest rate that a credit and its instalment imply.

The source table's AMT_ANNUITY is a month's instalment: credits are 8 to 40 times as high. A loan of n
months at the monthly rate r has q = credit / instalment = (1 - (1 + r)^-n) / r, the present value of an
annuity (Broverman, Mathematics of Investment and Credit, chapter 2).
"""

from typing import Final

import numpy as np

from services.scorecard.arithmetic import Block, Column, ratio

LEAST_YEARLY_RATE: Final = 0.25
TERM_STEP: Final = 6
SHORTEST_TERM: Final = 12
LONGEST_TERM: Final = 60
LEAST_QUOTIENT: Final = 1
MOST_QUOTIENT: Final = 0.99
"""Of the term: above it the rate is next to nothing and rounding speaks louder."""
NEWTON_STEPS: Final = 5
_ROUNDING: Final = 1e-9
"""So that a loan of exactly the least rate keeps its term."""

TERM_FORMULA: Final = (
    "with q = AMT_CREDIT / AMT_ANNUITY and r = 0.25 / 12: -ln(1 - q r) / ln(1 + r) rounded up to a multiple "
    "of 6 months and held within 12 to 60, so the shortest usual term that costs 25 % a year or more"
)
RATE_FORMULA: Final = (
    "with q = AMT_CREDIT / AMT_ANNUITY and n = IMPLIED_TERM: 12 r where 1 - (1 + r)^-n = q r, r > 0; "
    "missing unless 1 <= q <= 0.99 n"
)


def implied_term(loan: Block) -> Column:
    """Months, of credit and instalment: the shortest usual term at which the rate is not under the least.

    NaN where an amount is missing or there is no instalment.
    """
    rate = LEAST_YEARLY_RATE / 12
    longest = 1 - (1 + rate) ** -LONGEST_TERM
    months = -np.log1p(-np.minimum(ratio(loan) * rate, longest)) / np.log1p(rate)
    steps = np.ceil(months / TERM_STEP - _ROUNDING)
    term: Column = np.clip(steps * TERM_STEP, SHORTEST_TERM, LONGEST_TERM)
    return term


def implied_rate(loan: Block) -> Column:
    """Nominal yearly rate, of credit and instalment, over the implied term.

    Newton's method from 2 (n / q - 1) / (n + 1), which lies above the root: from there every step comes
    nearer. NaN where an amount is missing or out of proportion, as the formula says.
    """
    q, n = ratio(loan), implied_term(loan)
    q = np.where((q >= LEAST_QUOTIENT) & (q <= MOST_QUOTIENT * n), q, np.nan)
    rate = 2 * (n / q - 1) / (n + 1)
    for _ in range(NEWTON_STEPS):
        discount = np.exp(-n * np.log1p(rate))
        rate -= (1 - discount - q * rate) / (n * discount / (1 + rate) - q)
    return 12 * rate
