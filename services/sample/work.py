"""Work and income."""

from collections.abc import Mapping

import numpy as np

from services.sample.columns import EMPLOYED_SHARE_OF_ADULT_LIFE
from services.sample.dice import Codes, Columns, Dice, Numbers, Switch, on_grid, words
from services.sample.jobs import OCCUPATIONS, ORGANISATIONS, TYPICAL_OCCUPATION, Job
from services.sample.population import Population

_NO_EMPLOYMENT = 365_243
_DAYS_A_YEAR = 365.25
_ADULT = 17
_MEN, _STATE_SERVANTS, _GRADUATES = 0.37, 0.085, 0.26
"""Shares of those at work."""


def work(dice: Dice, known: Columns) -> Columns:
    """Draw organisation, occupation and time in the job; who has no work has the source's codes for that."""
    working, man = known["at work"], known["man"]
    state = known["NAME_INCOME_TYPE"] == "State servant"
    organisation = dice.pick("organisation", _weights(ORGANISATIONS, _STATE_SERVANTS)[_group(man, state)])
    occupation = _occupation(dice, organisation, _group(man, known["graduate"]))
    years = EMPLOYED_SHARE_OF_ADULT_LIFE.at(dice.normal("time in the job")) * (known["age"] - _ADULT)
    days = 0 - np.round(years * _DAYS_A_YEAR).astype(np.int64)
    risk = _effects(ORGANISATIONS, "risk")[organisation] + _effects(OCCUPATIONS, "risk")[occupation]
    return {
        "years employed": np.where(working, years, 0),
        "work risk": np.where(working, risk, 0),
        "work income": np.where(working, _effects(OCCUPATIONS, "income")[occupation], 0),
        "ORGANIZATION_TYPE": np.where(working, words(tuple(ORGANISATIONS), organisation), "XNA"),
        "OCCUPATION_TYPE": np.where(working, words(tuple(OCCUPATIONS), occupation), ""),
        "DAYS_EMPLOYED": np.where(working, days, _NO_EMPLOYMENT),
    }


def income(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw the monthly income: log-normal around what sex, schooling, work and region suggest, rounded."""
    commercial = known["NAME_INCOME_TYPE"] == "Commercial associate"
    region = np.array([0.33, 0, -0.06])[known["REGION_RATING_CLIENT"] - 1]
    logarithm = 11.73 + population.income + region + known["work income"] + 0.41 * dice.normal("income")
    logarithm += 0.24 * known["man"] + 0.22 * known["graduate"] + 0.17 * commercial - 0.13 * ~known["at work"]
    step = np.array([22_500, 4_500, 450])[dice.pick("income grid", [0.73, 0.25, 0.02])]
    return {
        "wealth": logarithm - 11.9,
        "AMT_INCOME_TOTAL": np.maximum(on_grid(np.exp(logarithm), step), 27_000.0),
    }


def _occupation(dice: Dice, organisation: Codes, group: Codes) -> Codes:
    names = tuple(OCCUPATIONS)
    typical = np.array([names.index(TYPICAL_OCCUPATION.get(name, "")) for name in ORGANISATIONS])[
        organisation
    ]
    drawn = dice.pick("occupation", _weights(OCCUPATIONS, _GRADUATES)[group])
    return np.where((typical > 0) & dice.chance("typical occupation", 0.6), typical, drawn)


def _effects(jobs: Mapping[str, Job], field: str) -> Numbers:
    return np.array([getattr(job, field) for job in jobs.values()], dtype=np.float64)


def _group(man: Switch, second: Switch) -> Codes:
    return np.asarray(2 * man + second)


def _weights(jobs: Mapping[str, Job], share: float) -> Numbers:
    """Weights for women and men without, then with, the trait of the second lean, which this share has."""
    weight, to_men, to_trait = (_effects(jobs, field) for field in ("weight", "men", "trait"))
    weight = weight / _mean_lean(to_men, _MEN) / _mean_lean(to_trait, share)
    return np.array([weight * 2 ** (man * to_men + has * to_trait) for man in (0, 1) for has in (0, 1)])


def _mean_lean(lean: Numbers, share: float) -> Numbers:
    return 1 - share + share * 2**lean
