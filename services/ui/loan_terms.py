"""The loan's numbers that hang together: amount, instalment and term at one interest."""

from dataclasses import dataclass
from math import ceil, isfinite, log1p
from typing import Final, Literal

import numpy as np

from services.scorecard.instalments import LONGEST_TERM, implied_rate, implied_term
from services.ui.answers import Cells

Quantity = Literal["amount", "annuity", "term", "income"]
QUANTITIES: Final[tuple[Quantity, ...]] = ("amount", "annuity", "term", "income")
AMOUNT, ANNUITY, GOODS, INCOME = "AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL"


@dataclass(frozen=True, slots=True)
class Loan:
    """What the sliders hold. Without an instalment there is no term either."""

    amount: float
    income: float
    annuity: float | None
    rate: float
    """Of a month."""

    @property
    def term(self) -> float | None:
        """Months, as amount, instalment and interest make it; None where they never come out even."""
        if self.annuity is None:
            return None
        if not self.rate:
            return self.amount / self.annuity
        left = 1 - self.amount / self.annuity * self.rate
        return None if left <= 0 else -log1p(left - 1) / log1p(self.rate)

    def moved(self, quantity: Quantity, value: float) -> "Loan":
        """Return the loan after a move of one quantity.

        Amount and term set the instalment, the amount keeping its term; the instalment sets the term.
        """
        match quantity:
            case "income":
                return Loan(self.amount, value, self.annuity, self.rate)
            case "annuity":
                return Loan(self.amount, self.income, value, self.rate)
            case "amount":
                annuity = None if self.annuity is None else self.annuity * value / self.amount
                return Loan(value, self.income, annuity, self.rate)
            case "term":
                annuity = instalment(self.amount, value, self.rate)
                return Loan(self.amount, self.income, annuity, self.rate)

    def value(self, quantity: Quantity) -> float | None:
        """Return a quantity, None where it is not known."""
        match quantity:
            case "amount":
                return self.amount
            case "annuity":
                return self.annuity
            case "term":
                return self.term
            case "income":
                return self.income


def instalment(amount: float, months: float, rate: float) -> float:
    """Return what is paid each month for so many months."""
    return amount * rate / (1 - (1 + rate) ** -months) if rate else amount / months


def loan_of(cells: Cells) -> Loan:
    """Return the loan that an application asks for, with the interest that it implies."""
    amount, income, annuity = float(cells[AMOUNT]), float(cells[INCOME]), cells.get(ANNUITY)
    if annuity is None:
        return Loan(amount, income, None, 0.0)
    block = np.array([[amount], [float(annuity)]])
    months, yearly = float(implied_term(block)[0]), float(implied_rate(block)[0])
    rate = yearly / 12 if isfinite(yearly) else 0.0
    # Out of proportion: no usual term fits, so the amount is simply paid back in parts.
    return Loan(amount, income, float(annuity), rate if isfinite(months) else 0.0)


def cells_with(cells: Cells, loan: Loan) -> Cells:
    """Return the application with another loan; the price of the goods follows the amount."""
    changed = cells | {AMOUNT: round(loan.amount, 2), INCOME: round(loan.income, 2)}
    if loan.annuity is not None:
        changed[ANNUITY] = round(loan.annuity, 2)
    if cells.get(GOODS):
        changed[GOODS] = round(cells[GOODS] * loan.amount / float(cells[AMOUNT]), 2)
    return changed


def step_of(quantity: Quantity, value: float) -> float:
    """Return in what steps a quantity is offered: three digits tell a size well enough."""
    return 1.0 if quantity == "term" else 10.0 ** max(0, len(str(int(value))) - 3)


def range_of(quantity: Quantity, loan: Loan) -> tuple[float, float, float] | None:
    """Return least, most and step of a quantity's slider, None where the loan does not have it."""
    value = loan.value(quantity)
    if value is None:
        return None
    if quantity == "term":
        return 6.0, float(max(LONGEST_TERM, ceil(value))), 1.0
    step = step_of(quantity, value)
    least = max(step, round(value * 0.3 / step) * step)
    return least, max(least + step, round(value * 2.5 / step) * step), step
