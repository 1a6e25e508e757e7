"""Shares, medians and shapes of the sample: what the functions beside it draw from.

Shares within a list need not sum to 1: they are weights.
"""

from services.sample.dice import Kumaraswamy

INCOME_TYPES = {
    "Working": 0.52,
    "Commercial associate": 0.23,
    "State servant": 0.07,
    "Pensioner": 0.18,
    "Unemployed": 0.0001,
    "Student": 0.0001,
    "Businessman": 0.0001,
    "Maternity leave": 0.0001,
}
AGE_AT_WORK = Kumaraswamy(power=1.7, tail=2.9, low=20.5, high=69)
AGE_RETIRED = Kumaraswamy(power=6, tail=2.7, low=30, high=69)

# By age, a row for each band: under 25, 35, 50, 60, and above.
AGE_BANDS = (25, 35, 50, 60)
EDUCATION = {
    "Secondary / secondary special": (0.61, 0.61, 0.72, 0.79, 0.77),
    "Higher education": (0.22, 0.33, 0.24, 0.18, 0.19),
    "Incomplete higher": (0.16, 0.05, 0.02, 0.015, 0.01),
    "Lower secondary": (0.01, 0.01, 0.01, 0.01, 0.03),
    "Academic degree": (0.0, 0.0005, 0.0005, 0.0005, 0.0005),
}
FAMILY = {
    "Married": (0.34, 0.65, 0.69, 0.65, 0.55),
    "Civil marriage": (0.15, 0.11, 0.11, 0.08, 0.06),
    "Single / not married": (0.48, 0.20, 0.11, 0.11, 0.11),
    "Separated": (0.02, 0.03, 0.07, 0.08, 0.05),
    "Widow": (0.0, 0.005, 0.02, 0.08, 0.23),
}
CHILDREN = (
    (0.78, 0.18, 0.04, 0.002, 0.0, 0.0),
    (0.47, 0.34, 0.16, 0.025, 0.002, 0.0005),
    (0.55, 0.29, 0.14, 0.02, 0.002, 0.0005),
    (0.94, 0.05, 0.01, 0.001, 0.0, 0.0),
    (0.99, 0.01, 0.0, 0.0, 0.0, 0.0),
)
HOUSING = {
    "House / apartment": (0.66, 0.80, 0.91, 0.94, 0.95),
    "With parents": (0.23, 0.11, 0.03, 0.005, 0.001),
    "Municipal apartment": (0.03, 0.03, 0.04, 0.04, 0.04),
    "Rented apartment": (0.05, 0.03, 0.015, 0.005, 0.005),
    "Office apartment": (0.015, 0.015, 0.01, 0.005, 0.002),
    "Co-op apartment": (0.01, 0.005, 0.004, 0.004, 0.002),
}
COMPANY = {
    "Unaccompanied": 0.81,
    "Family": 0.13,
    "Spouse, partner": 0.035,
    "Children": 0.01,
    "Other_B": 0.006,
    "Other_A": 0.003,
    "Group of people": 0.001,
}
WEEKDAYS = {
    "MONDAY": 0.16,
    "TUESDAY": 0.18,
    "WEDNESDAY": 0.17,
    "THURSDAY": 0.17,
    "FRIDAY": 0.16,
    "SATURDAY": 0.11,
    "SUNDAY": 0.05,
}
# By the rating of the region, 1 to 3: how many live there, its population (median and log-deviation),
# and how many buildings are known.
RATINGS = (0.105, 0.74, 0.155)
REGION_MEDIANS = (0.042, 0.017, 0.013)
REGION_SPREADS = (0.45, 0.6, 0.5)
BUILDING_KNOWN = (0.76, 0.49, 0.44)

REGISTRATION_SHARE_OF_LIFE = Kumaraswamy(power=1.2, tail=2.8, low=0, high=1)
IDENTITY_DAYS = Kumaraswamy(power=1.2, tail=0.95, low=0, high=5400)
GOODS_LOGARITHM = Kumaraswamy(power=3.1, tail=2.9, low=10.7, high=14.6)
PHONE_DAYS = Kumaraswamy(power=1.05, tail=2.6, low=0, high=3800)
EMPLOYED_SHARE_OF_ADULT_LIFE = Kumaraswamy(power=0.8, tail=1.85, low=0, high=1)

SCORE_1 = Kumaraswamy(power=2.0, tail=2.1, low=0, high=0.96)
SCORE_2 = Kumaraswamy(power=1.9, tail=1.1, low=0, high=0.81)
SCORE_3 = Kumaraswamy(power=2.1, tail=1.7, low=0, high=0.88)
