"""Work and income. Leans are powers of two: +1 is twice as likely, -1 half as likely."""

from collections.abc import Mapping

import numpy as np

from services.training.sample_columns import EMPLOYED_SHARE_OF_ADULT_LIFE
from services.training.sample_dice import Codes, Columns, Dice, Numbers, Switch, on_grid, words
from services.training.sample_population import Population

_NO_EMPLOYMENT = 365_243
_DAYS_A_YEAR = 365.25
_ADULT = 17
_MEN, _STATE_SERVANTS, _GRADUATES = 0.37, 0.085, 0.26
"""Shares of those at work."""

# organisation: weight in 1/1000, lean to men, lean to state servants, risk (log-odds of default)
ORGANISATIONS = {
    "Business Entity Type 3": (266, 0.5, -3, 0.1),
    "Self-employed": (155, -0.5, -6, 0.2),
    "Other": (70, 0, 1, -0.05),
    "Medicine": (45, -2.5, 2, -0.1),
    "Government": (41, -0.7, 2, -0.1),
    "Business Entity Type 2": (38, 0.5, -1.5, 0.05),
    "School": (35, -2, 2.3, -0.15),
    "Trade: type 7": (29, -0.7, -3, 0.2),
    "Kindergarten": (29, -4, 2, -0.15),
    "Construction": (25, 2.2, -3, 0.3),
    "Business Entity Type 1": (22, 0.5, -2, 0.05),
    "Transport: type 4": (21, 1.5, -1.5, 0.15),
    "Industry: type 9": (14, 1.5, -1, -0.1),
    "Trade: type 3": (14, -1, -4, 0.15),
    "Industry: type 3": (13, 0, -2, 0.2),
    "Housing": (12, 0.3, -1, 0),
    "Security": (12, 2.5, -3, 0.2),
    "Industry: type 11": (11, 0.3, -1.5, 0.05),
    "Bank": (11, -1.5, -1, -0.3),
    "Military": (10, 1.7, 4, -0.4),
    "Agriculture": (10, 0.3, -2, 0.15),
    "Transport: type 2": (10, 1.2, 0.5, 0),
    "Postal": (9, -3, 1.7, 0),
    "Police": (8, 1.5, 3.3, -0.4),
    "Services": (7, -2, -3, -0.1),
    "Security Ministries": (7, 1, 3.6, -0.4),
    "Trade: type 2": (7, 0, -4, -0.1),
    "University": (6, -1.5, 2.5, -0.3),
    "Restaurant": (6, -1, -2, 0.25),
    "Industry: type 7": (5, 0, -1.5, 0),
    "Transport: type 3": (5, 3, -4, 0.4),
    "Hotel": (4, -1, -1.5, -0.1),
    "Industry: type 1": (4, 1.5, -1, 0.25),
    "Electricity": (4, 1, 0, -0.1),
    "Trade: type 6": (3, -1.5, 0, -0.3),
    "Telecom": (3, 0.7, -1.5, 0),
    "Industry: type 4": (3, 1, -3, 0.1),
    "Insurance": (3, -1, 0.5, -0.2),
    "Emergency": (2, 2, 2.8, -0.2),
    "Industry: type 5": (2, 0.5, -2, 0),
    "Industry: type 2": (2, 0.5, -2, 0),
    "Industry: type 12": (2, -1, -1, -0.5),
    "Advertising": (2, 0, -4, 0),
    "Culture": (1.5, -1, 1.5, -0.3),
    "Legal Services": (1.5, -1, -1, 0),
    "Mobile": (1, -0.5, -4, 0.1),
    "Trade: type 1": (1.3, -1, -4, 0),
    "Transport: type 1": (0.8, 1, 0, -0.4),
    "Industry: type 6": (0.5, 0, -2, 0),
    "Realtor": (1.3, -1, -1, 0.2),
    "Cleaning": (1, -1, -2, 0.2),
    "Industry: type 10": (0.5, 0.5, -2, 0),
    "Industry: type 13": (0.3, 1, -2, 0.3),
    "Trade: type 5": (0.2, 0, -3, 0),
    "Religion": (0.3, 0, 0, -0.2),
    "Trade: type 4": (0.3, 0, -3, 0),
    "Industry: type 8": (0.2, 0, -3, 0.2),
}
# occupation: weight in 1/1000, lean to men, lean to graduates, risk, lift of the logarithm of the income
OCCUPATIONS = {
    "": (160, 0, 0, -0.05, 0),
    "Laborers": (230, 1.2, -1.5, 0.1, 0),
    "Sales staff": (110, -2, -0.7, 0.1, -0.05),
    "Core staff": (80, -1.4, 1.5, -0.1, 0),
    "Managers": (85, 0.5, 1.8, -0.1, 0.25),
    "Drivers": (65, 5, -1.2, 0.15, 0.05),
    "High skill tech staff": (46, 0, 0.8, -0.1, 0.02),
    "Accountants": (42, -4, 2, -0.2, 0.05),
    "Medicine staff": (14, -4, -1, -0.1, -0.05),
    "Security staff": (21, 2, -1.3, 0.1, -0.1),
    "Cooking staff": (21, -2.5, -2.5, 0.15, -0.15),
    "Cleaning staff": (18, -3, -2.5, 0.1, -0.2),
    "Private service staff": (12, -4, -0.5, -0.1, 0),
    "Low-skill Laborers": (10, 2.5, -2, 0.5, -0.15),
    "Secretaries": (6, -4, 1, 0, -0.1),
    "Waiters/barmen staff": (5, -1.3, -0.7, 0.2, -0.1),
    "IT staff": (3, 2, 2, -0.2, 0.15),
    "Realty agents": (2.5, -2.5, 1.2, 0, 0.1),
    "HR staff": (2, -3, 2.5, -0.2, 0.1),
}
TYPICAL_OCCUPATION = {
    "Medicine": "Medicine staff",
    "School": "Core staff",
    "Kindergarten": "Core staff",
    "Bank": "Core staff",
    "Military": "Core staff",
    "Police": "Core staff",
    "Security": "Security staff",
    "Restaurant": "Cooking staff",
    "Cleaning": "Cleaning staff",
    "Realtor": "Realty agents",
    "Trade: type 7": "Sales staff",
    "Trade: type 3": "Sales staff",
    "Transport: type 3": "Drivers",
}


def work(dice: Dice, known: Columns) -> Columns:
    """Draw organisation, occupation and time in the job; who has no work has the source's codes for that."""
    working = known["at work"]
    state = known["NAME_INCOME_TYPE"] == "State servant"
    organisation = dice.pick(
        "organisation", _weights(ORGANISATIONS, _STATE_SERVANTS)[_group(known["man"], state)]
    )
    occupation = dice.pick(
        "occupation", _weights(OCCUPATIONS, _GRADUATES)[_group(known["man"], known["graduate"])]
    )
    names = tuple(OCCUPATIONS)
    typical = np.array([names.index(TYPICAL_OCCUPATION.get(name, "")) for name in ORGANISATIONS])[
        organisation
    ]
    occupation = np.where((typical > 0) & dice.chance("typical occupation", 0.6), typical, occupation)
    adult_days = (known["age"] - _ADULT) * _DAYS_A_YEAR
    days = EMPLOYED_SHARE_OF_ADULT_LIFE.at(dice.normal("time in the job")) * adult_days
    risk = np.array([row[3] for row in ORGANISATIONS.values()])[organisation]
    risk += np.array([row[3] for row in OCCUPATIONS.values()])[occupation]
    return {
        "work risk": np.where(working, risk, 0),
        "years employed": np.where(working, days / _DAYS_A_YEAR, 0),
        "income lift": np.where(working, np.array([row[4] for row in OCCUPATIONS.values()])[occupation], 0),
        "ORGANIZATION_TYPE": np.where(working, words(tuple(ORGANISATIONS), organisation), "XNA"),
        "OCCUPATION_TYPE": np.where(working, words(names, occupation), ""),
        "DAYS_EMPLOYED": np.where(working, 0 - np.round(days), _NO_EMPLOYMENT).astype(np.int64),
    }


def income(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw the yearly income: log-normal around what sex, schooling, work and region suggest, rounded."""
    kind = known["NAME_INCOME_TYPE"]
    logarithm = (
        11.73 + population.income + known["income lift"] + 0.24 * known["man"] + 0.22 * known["graduate"]
    )
    logarithm += 0.17 * (kind == "Commercial associate") - 0.13 * ~known["at work"]
    logarithm += np.array([0.33, 0, -0.06])[known["REGION_RATING_CLIENT"] - 1]
    logarithm += 0.41 * dice.normal("income")
    step = np.array([22_500, 4_500, 450])[dice.pick("income grid", [0.73, 0.25, 0.02])]
    return {
        "wealth": logarithm - 11.9,
        "AMT_INCOME_TOTAL": np.maximum(on_grid(np.exp(logarithm), step), 27_000.0),
    }


def _group(man: Switch, second: Switch) -> Codes:
    return np.asarray(2 * man + second)


def _weights(rows: Mapping[str, tuple[float, ...]], share: float) -> Numbers:
    """Weights for women and men without, then with, the trait of the second lean, which this share has."""
    weight, to_men, to_trait = np.array([row[:3] for row in rows.values()]).T
    weight = weight / _mean_lean(to_men, _MEN) / _mean_lean(to_trait, share)
    return np.array([weight * 2 ** (man * to_men + has * to_trait) for man in (0, 1) for has in (0, 1)])


def _mean_lean(lean: Numbers, share: float) -> Numbers:
    return 1 - share + share * 2**lean
