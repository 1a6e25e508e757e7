"""The loan asked for: contract, price of the goods, mark-up, term, interest and annuity."""

import numpy as np

from services.sample.columns import GOODS_LOGARITHM
from services.sample.dice import Columns, Dice, Numbers, blank, on_grid
from services.sample.population import Population

_CENT = 4.5
"""The source's amounts are multiples of this: its currency was scaled."""
_MIDDLE = 13.0
"""Logarithm of a usual price of goods."""


def loan(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw a cash loan for goods, or a revolving one: a limit of some incomes, with 5 % of it as annuity."""
    revolving = dice.chance("contract", population.revolving)
    limit = _limit(dice, known)
    goods = _goods(dice, known, population)
    markup = _markup(dice, goods, population)
    credit = np.minimum(on_grid(goods * markup, _CENT), 4_050_000)
    interest = _interest(dice, known)
    annuity = on_grid(credit * _instalment(interest, _term(dice, goods, population)), _CENT)
    no_goods = revolving & dice.chance("no goods", 0.009)
    return {
        "mark-up": np.where(revolving, 1.0, markup),
        "interest": np.where(revolving, 0.2, interest),
        "NAME_CONTRACT_TYPE": np.where(revolving, "Revolving loans", "Cash loans"),
        "AMT_CREDIT": np.where(revolving, limit, credit),
        "AMT_ANNUITY": blank(np.where(revolving, limit * 0.05, annuity), dice.chance("no annuity", 0.0002)),
        "AMT_GOODS_PRICE": blank(np.where(revolving, limit, goods), no_goods),
    }


def _limit(dice: Dice, known: Columns) -> Numbers:
    incomes = 1.9 * np.exp(0.38 * dice.normal("limit"))
    limit = on_grid(known["AMT_INCOME_TOTAL"] * incomes, 45_000)
    return np.clip(limit, 135_000, 2_250_000)


def _goods(dice: Dice, known: Columns, population: Population) -> Numbers:
    """Round sums are frequent: people ask for 225,000, 450,000 or 675,000."""
    standing = 0.95 * known["wealth"] + 0.8 * (known["EXT_SOURCE_1"] - 0.5) + 0.86 * dice.normal("goods")
    price = np.exp(GOODS_LOGARITHM.at(standing) + population.goods)
    step = np.array([225_000, 45_000, 22_500, 4_500])[dice.pick("price grid", [0.33, 0.24, 0.09, 0.34])]
    step = np.where(price < step, 4_500, step)
    return np.clip(on_grid(price, step), 45_000, 4_050_000)


def _markup(dice: Dice, goods: Numbers, population: Population) -> Numbers:
    """Insurance and fees, in tariffs of 1.3 % each; smaller for dear goods."""
    tariffs = 12.5 * np.exp(0.42 * dice.normal("mark-up") - 0.15 * (np.log(goods) - _MIDDLE))
    tariffs = np.clip(np.round(tariffs), 4, 40)
    return np.where(dice.chance("plain", population.plain), 1.0, 1 + 0.013 * tariffs)


def _term(dice: Dice, goods: Numbers, population: Population) -> Numbers:
    """Months to pay back, in half years: longer for dear goods."""
    logarithm = 3.25 + population.term + 0.6 * (np.log(goods) - _MIDDLE) + 0.38 * dice.normal("term")
    return np.clip(on_grid(np.exp(logarithm), 6), 12, 60)


def _interest(dice: Dice, known: Columns) -> Numbers:
    """Yearly interest in whole per cent: those whom the second source rates low pay a little more."""
    doubt = 0.5 - known["EXT_SOURCE_2"]
    return np.clip(on_grid(0.23 * np.exp(0.26 * dice.normal("interest") + 0.25 * doubt), 0.01), 0.1, 0.5)


def _instalment(interest: Numbers, months: Numbers) -> Numbers:
    """Monthly payment of an annuity loan for each unit of credit."""
    monthly = interest / 12
    return monthly / (1 - (1 + monthly) ** -months)
