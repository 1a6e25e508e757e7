"""Who defaults: log-odds from what the lender knows, what it cannot know, and chance."""

import numpy as np

from services.sample.dice import Columns, Dice, Numbers

_AVERAGE = -2.83
"""Log-odds of a middling applicant; chosen for a default rate of 8 %."""
_UNSEEN = 0.4
"""Spread of what nobody could know: illness, a lost job, a divorce."""
_RISKIEST_AGE, _YOUNG, _NEW_IN_THE_JOB = 33, 30, 1.5
"""In years."""
_DOUBTFUL_SCORE = 0.5


def target(dice: Dice, known: Columns) -> Columns:
    """Draw 1 for a default and 0 for a loan paid back, from complete columns: a hidden score works too."""
    log_odds = _AVERAGE + _scores(known) + _person(known) + _loan(known) + _surroundings(known)
    log_odds += _UNSEEN * dice.normal("unseen")
    return {"TARGET": dice.chance("default", 1 / (1 + np.exp(-log_odds))).astype(np.int64)}


def _scores(known: Columns) -> Numbers:
    first, second, third = (known[f"EXT_SOURCE_{number}"] for number in (1, 2, 3))
    very_low = np.maximum(0, 0.3 - np.minimum(second, third)) / 0.3
    log_odds = -1.7 * (first - 0.5) - 1.9 * (second - 0.5) - 2.8 * (third - 0.5) + 0.4 * very_low
    return np.asarray(log_odds)


def _person(known: Columns) -> Numbers:
    age, years, working = known["age"], known["years employed"], known["at work"]
    log_odds = -0.01 * np.abs(age - _RISKIEST_AGE) + 0.25 * known["man"] - 0.3 * known["graduate"]
    log_odds += np.where(working, 0.36 - 0.27 * np.log1p(years), 0.15) + known["work risk"]
    log_odds += 0.2 * (working & (age < _YOUNG) & (years < _NEW_IN_THE_JOB))
    log_odds += 0.1 * (known["NAME_EDUCATION_TYPE"] == "Lower secondary")
    log_odds += 0.3 * (known["NAME_HOUSING_TYPE"] == "Rented apartment")
    return np.asarray(log_odds - 0.3 * (known["FLAG_OWN_CAR"] == "Y"))


def _loan(known: Columns) -> Numbers:
    burden = np.nan_to_num(known["AMT_ANNUITY"]) / known["AMT_INCOME_TOTAL"]
    doubtful = known["EXT_SOURCE_2"] < _DOUBTFUL_SCORE
    log_odds = 1.8 * (known["mark-up"] - 1.12) + 3.0 * (known["interest"] - 0.23)
    log_odds += 2.0 * np.clip(burden - 0.18, -0.15, 0.3) * doubtful
    return np.asarray(log_odds - 0.3 * (known["NAME_CONTRACT_TYPE"] == "Revolving loans"))


def _surroundings(known: Columns) -> Numbers:
    changed_phone = np.exp(known["DAYS_LAST_PHONE_CHANGE"] / 700)
    late_friends = np.nan_to_num(known["DEF_60_CNT_SOCIAL_CIRCLE"])
    log_odds = 0.25 * (known["REGION_RATING_CLIENT_W_CITY"] - 2) + 0.35 * changed_phone + 0.25 * late_friends
    log_odds += 0.25 * np.isnan(known["AMT_REQ_CREDIT_BUREAU_YEAR"]) + 0.1 * known["FLAG_DOCUMENT_3"]
    log_odds += 0.3 * known["REG_CITY_NOT_LIVE_CITY"] - 0.2 * (known["EMERGENCYSTATE_MODE"] != "")
    return np.asarray(log_odds + 0.00006 * known["DAYS_ID_PUBLISH"])
