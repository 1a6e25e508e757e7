"""Who applies, what they own, where they live and how to reach them."""

import numpy as np

from services.sample import columns as table
from services.sample.dice import Columns, Dice, blank, on_grid, words
from services.sample.population import Population

_DAYS_A_YEAR = 365.25


def person(dice: Dice) -> Columns:
    """Draw age, sex, schooling and family."""
    income_type = dice.word("income type", table.INCOME_TYPES)
    retired = income_type == "Pensioner"
    age_rank = dice.normal("age")
    age = np.where(retired, table.AGE_RETIRED.at(age_rank), table.AGE_AT_WORK.at(age_rank))
    band = np.digitize(age, table.AGE_BANDS)
    man = dice.chance("sex", 0.56 - 0.005 * age)
    unknown = dice.chance("sex not known", 0.00002)
    education = dice.word("education", table.EDUCATION, band)
    family = dice.word("family", table.FAMILY, band)
    childless = np.isin(family, ("Single / not married", "Widow")) & dice.chance("childless", 0.55)
    children = np.where(childless, 0, dice.pick("children", np.array(table.CHILDREN)[band]))
    return {
        "age": age,
        "band": band,
        "man": man,
        "at work": ~retired & (income_type != "Unemployed"),
        "graduate": np.isin(education, ("Higher education", "Academic degree")),
        "NAME_INCOME_TYPE": income_type,
        "DAYS_BIRTH": -np.round(age * _DAYS_A_YEAR).astype(np.int64),
        "CODE_GENDER": words(("F", "M", "XNA"), np.where(unknown, 2, man)),
        "NAME_EDUCATION_TYPE": education,
        "NAME_FAMILY_STATUS": family,
        "CNT_CHILDREN": children,
        "CNT_FAM_MEMBERS": 1.0 + children + np.isin(family, ("Married", "Civil marriage")),
    }


def region(dice: Dice) -> Columns:
    """Draw the region: its rating, and its population in steps of 6 %, since there are some 80 regions."""
    rating = dice.pick("region rating", table.RATINGS)
    medians, spreads = np.array(table.REGION_MEDIANS), np.array(table.REGION_SPREADS)
    deviation = spreads[rating] * dice.normal("region population")
    population = np.exp(on_grid(np.log(medians[rating]) + deviation, 0.06))
    city_is_better = dice.chance("city is better", np.array([0, 0.006, 0.09])[rating])
    return {
        "REGION_RATING_CLIENT": rating + 1,
        "REGION_RATING_CLIENT_W_CITY": rating + 1 - city_is_better,
        "REGION_POPULATION_RELATIVE": np.round(np.clip(population, 0.0005, 0.0725), 6),
    }


def belongings(dice: Dice, known: Columns) -> Columns:
    """Draw car and home. Better incomes drive younger cars."""
    car = dice.chance("car", np.where(known["man"], 0.72, 0.29) * np.clip((62 - known["age"]) / 25, 0.5, 1))
    years = 9.5 * np.exp(0.8 * dice.normal("car age") - 0.5 * known["wealth"])
    years = np.where(dice.chance("veteran car", 0.03), 64, np.minimum(np.round(years), 60))
    return {
        "FLAG_OWN_CAR": words(("N", "Y"), car),
        "OWN_CAR_AGE": blank(years, ~car),
        "FLAG_OWN_REALTY": words(("N", "Y"), dice.chance("realty", 0.5 + 0.0043 * known["age"])),
        "NAME_HOUSING_TYPE": dice.word("housing", table.HOUSING, known["band"]),
    }


def contact(dice: Dice, known: Columns, population: Population) -> Columns:
    """Draw phones, their age in days, and when the papers were last changed."""
    age_rank = (known["age"] - 44) / 12
    identity = table.IDENTITY_DAYS.at(0.27 * age_rank + 0.96 * dice.normal("identity"))
    registration = table.REGISTRATION_SHARE_OF_LIFE.at(dice.normal("registration")) * -known["DAYS_BIRTH"]
    phone_rank = dice.normal("phone change")
    phone = np.round(table.PHONE_DAYS.at(phone_rank)) + population.phone_days
    phone = np.where(dice.chance("phone changed today", 0.12), 0, phone)
    working = known["at work"]
    return {
        "phone rank": phone_rank,
        # 0 - x, because -x writes a zero as -0.0.
        "DAYS_REGISTRATION": 0 - np.round(registration),
        "DAYS_ID_PUBLISH": 0 - np.round(identity).astype(np.int64),
        "DAYS_LAST_PHONE_CHANGE": 0 - phone,
        "FLAG_MOBIL": np.ones_like(known["CNT_CHILDREN"]),
        "FLAG_EMP_PHONE": working.astype(np.int64),
        "FLAG_WORK_PHONE": (working & dice.chance("work phone", 0.25)).astype(np.int64),
        "FLAG_CONT_MOBILE": dice.chance("mobile reached", 0.998).astype(np.int64),
        "FLAG_PHONE": dice.chance("phone", 0.28).astype(np.int64),
        "FLAG_EMAIL": dice.chance("e-mail", population.email).astype(np.int64),
    }


def addresses(dice: Dice, known: Columns) -> Columns:
    """Draw which of the registered, contact and work address differ. A person without work has no third."""
    working = known["at work"]
    columns: Columns = {}
    for place, living, commuting in (("REGION", 0.015, 0.045), ("CITY", 0.08, 0.24)):
        lives = dice.chance(f"lives in another {place}", living * np.where(working, 1.15, 0.3))
        commutes = dice.chance(f"commutes to another {place}", commuting)
        works = working & (commutes | (lives & dice.chance(f"works in the {place} of the home", 0.7)))
        columns |= {
            f"REG_{place}_NOT_LIVE_{place}": lives.astype(np.int64),
            f"REG_{place}_NOT_WORK_{place}": works.astype(np.int64),
            f"LIVE_{place}_NOT_WORK_{place}": (working & (lives ^ works)).astype(np.int64),
        }
    return columns


def visit(dice: Dice, population: Population) -> Columns:
    """Draw when the applicant came and with whom."""
    hour = np.clip(np.round(12.05 + 3.2 * dice.normal("hour")), 0, 23)
    return {
        "NAME_TYPE_SUITE": dice.word("company", {"": population.company_missing, **table.COMPANY}),
        "WEEKDAY_APPR_PROCESS_START": dice.word("weekday", table.WEEKDAYS),
        "HOUR_APPR_PROCESS_START": hour.astype(np.int64),
    }
