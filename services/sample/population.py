"""The two populations of the sample, the second shifted against the first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Population:
    """What differs between the loans that were observed to their end and those that arrive today."""

    name: str
    """Also the name of its random streams."""
    first_number: int
    """Loan number of the first row; the numbers go on in steps of 2."""
    revolving: float
    """Share of revolving loans."""
    income: float
    """Added to the logarithm of the income."""
    goods: float
    """Added to the logarithm of the price of the goods."""
    term: float
    """Added to the logarithm of the months to pay back."""
    plain: float
    """Share of cash loans without a mark-up on the price of the goods."""
    phone_days: int
    """Days by which the last change of phone lies further back."""
    email: float
    """Share with an e-mail address."""
    company_missing: float
    """Share without a word on who came along."""
    building_known: float
    """Added to the share of known buildings."""
    score_missing: tuple[float, float, float, float]
    """Shares without EXT_SOURCE_1 (at work, not at work), _2, and _3 beyond those without a bureau record."""
    bureau_missing: float
    """Share without a bureau record."""
    bureau: dict[str, tuple[float, ...]]
    """Shares of 0, 1, 2... enquiries in each period."""
    circle_missing: float
    """Share without a social circle."""
    documents: dict[int, float]
    """Shares of the rare documents; one that is not listed is never handed in."""


OBSERVED = Population(
    name="observed",
    first_number=100_002,
    revolving=0.10,
    income=0.0,
    goods=0.0,
    term=0.0,
    plain=0.29,
    phone_days=0,
    email=0.05,
    company_missing=0.004,
    building_known=0.0,
    score_missing=(0.52, 0.77, 0.003, 0.07),
    bureau_missing=0.135,
    bureau={
        "HOUR": (0.994, 0.006),
        "DAY": (0.995, 0.004, 0.001),
        "WEEK": (0.965, 0.033, 0.002),
        "MON": (0.83, 0.13, 0.02, 0.008, 0.004, 0.003, 0.002, 0.002, 0.001),
        "QRT": (0.80, 0.13, 0.055, 0.01, 0.004, 0.001),
        "YEAR": (0.32, 0.27, 0.21, 0.15, 0.09, 0.05, 0.03, 0.02, 0.01, 0.005),
    },
    circle_missing=0.003,
    documents={
        2: 0.0001,
        4: 0.0001,
        5: 0.015,
        7: 0.0002,
        9: 0.004,
        11: 0.004,
        13: 0.0035,
        14: 0.003,
        15: 0.001,
        16: 0.01,
        17: 0.0003,
        18: 0.008,
        19: 0.0006,
        20: 0.0005,
        21: 0.0003,
    },
)
ARRIVING = Population(
    name="arriving",
    first_number=100_001,
    revolving=0.01,
    income=0.06,
    goods=-0.25,
    term=-0.24,
    plain=0.34,
    phone_days=130,
    email=0.16,
    company_missing=0.02,
    building_known=0.02,
    score_missing=(0.39, 0.61, 0.001, 0.06),
    bureau_missing=0.125,
    bureau={
        "HOUR": (0.998, 0.002),
        "DAY": (0.998, 0.002),
        "WEEK": (0.998, 0.002),
        "MON": (0.992, 0.008),
        "QRT": (0.56, 0.35, 0.07, 0.013, 0.002),
        "YEAR": (0.29, 0.24, 0.23, 0.16, 0.11, 0.05, 0.03, 0.015, 0.01),
    },
    circle_missing=0.0005,
    documents={5: 0.014, 9: 0.005, 11: 0.001, 18: 0.002},
)
