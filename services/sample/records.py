"""What others know of the applicant: scores, credit bureau, social circle, and the documents handed in."""

import numpy as np

from services.sample.columns import SCORE_1, SCORE_2, SCORE_3
from services.sample.dice import Columns, Dice, Numbers, blank
from services.sample.population import Population

_DIGITS = 8
"""The last bits of an exponential differ between processors: so many digits do not."""


def scores(dice: Dice, known: Columns) -> Columns:
    """Draw the three external scores of everybody, each seeing another side of the applicant."""
    age = (known["age"] - 44) / 12
    rating = known["REGION_RATING_CLIENT"] - 2.05
    man, graduate, wealth = known["man"], known["graduate"], known["wealth"]
    prudence = dice.normal("prudence")
    first = 0.6 * age - 0.7 * (man - 0.34) + 0.3 * (graduate - 0.24) + 0.4 * wealth - 0.1 * rating
    first += 0.1 * known["phone rank"] + 0.3 * prudence + 0.6 * dice.normal("score 1")
    second = 0.08 * age - 0.55 * rating + 0.15 * (graduate - 0.24) + 0.2 * wealth + 0.15 * known["phone rank"]
    second += 0.3 * prudence + 0.85 * dice.normal("score 2")
    third = 0.22 * age - 0.2 * wealth + 0.2 * prudence + 0.95 * dice.normal("score 3")
    return {
        "EXT_SOURCE_1": np.round(SCORE_1.at(first), _DIGITS),
        "EXT_SOURCE_2": np.round(SCORE_2.at(second), _DIGITS),
        # The third source knows some hundred levels only.
        "EXT_SOURCE_3": np.round(SCORE_3.at(np.round(third, 2)), _DIGITS),
    }


def bureau(dice: Dice, population: Population) -> Columns:
    """Draw the enquiries at the credit bureau; all are missing together where it has no record."""
    missing = dice.chance("no bureau record", population.bureau_missing)
    return {
        f"AMT_REQ_CREDIT_BUREAU_{period}": blank(dice.pick(f"bureau {period}", shares), missing)
        for period, shares in population.bureau.items()
    }


def hide_scores(dice: Dice, known: Columns, population: Population) -> Columns:
    """Empty the scores that the lender did not get; without a bureau record there is no third one."""
    at_work, not_at_work, second, third = population.score_missing
    no_record = np.isnan(known["AMT_REQ_CREDIT_BUREAU_YEAR"])
    hidden = {
        "EXT_SOURCE_1": dice.chance("no score 1", np.where(known["at work"], at_work, not_at_work)),
        "EXT_SOURCE_2": dice.chance("no score 2", second),
        "EXT_SOURCE_3": dice.chance("no score 3", third) | no_record,
    }
    return {name: blank(known[name], where) for name, where in hidden.items()}


def social_circle(dice: Dice, population: Population) -> Columns:
    """Draw people around the applicant: how many could be seen late, and how many were."""
    missing = dice.chance("no circle", population.circle_missing)
    seen = np.where(dice.chance("circle", 0.46), 1 + _geometric(dice.uniform("circle size"), 0.66), 0)
    seen = np.minimum(seen, 25)
    late = np.where(dice.chance("late friend", 0.26), 1 + _geometric(dice.uniform("late friends"), 0.25), 0)
    late = np.minimum(late, seen)
    seen_later = seen - ((seen > 0) & dice.chance("seen at 30 only", 0.04))
    later = late - ((late > 0) & dice.chance("late at 30 only", 0.3))
    counts = {"OBS_30": seen, "DEF_30": late, "OBS_60": seen_later, "DEF_60": np.minimum(later, seen_later)}
    return {f"{name}_CNT_SOCIAL_CIRCLE": blank(count, missing) for name, count in counts.items()}


def documents(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw the documents: one main document (3, 6 for pensioners, or 8) with a cash loan, and rare others."""
    cash, working = known["NAME_CONTRACT_TYPE"] == "Cash loans", known["at work"]
    main = dice.uniform("main document")
    third = np.where(cash, np.where(working, 0.84, 0.52), 0.04)
    sixth = third + np.where(cash, np.where(working, 0.008, 0.46), 0)
    eighth = sixth + np.where(working, 0.1, 0.01) * cash
    handed_in = {3: main < third, 6: (third <= main) & (main < sixth), 8: (sixth <= main) & (main < eighth)}
    for number in range(2, 22):
        if number not in handed_in:
            handed_in[number] = dice.chance(f"document {number}", population.documents.get(number, 0))
    return {f"FLAG_DOCUMENT_{number}": flag.astype(np.int64) for number, flag in handed_in.items()}


def _geometric(uniform: Numbers, share: float) -> Numbers:
    """Count how often a thing that happens with this share happens in a row."""
    return np.asarray(np.floor(np.log1p(-uniform) / np.log(share)))
