"""Where people work and as what: how often, who does it, and what it says about risk and income."""

from typing import NamedTuple


class Job(NamedTuple):
    """An organisation or an occupation. Leans are powers of two: 1 is twice as likely, -1 half as likely."""

    weight: float
    """Frequency among those at work, in thousandths."""
    men: float
    """Lean to men."""
    trait: float
    """Lean to state servants (organisations) or to graduates (occupations)."""
    risk: float
    """Added to the log-odds of default."""
    income: float = 0
    """Added to the logarithm of the income."""


ORGANISATIONS = {
    "Business Entity Type 3": Job(266, 0.5, -3, 0.1),
    "Self-employed": Job(155, -0.5, -6, 0.2),
    "Other": Job(70, 0, 1, -0.05),
    "Medicine": Job(45, -2.5, 2, -0.1),
    "Government": Job(41, -0.7, 2, -0.1),
    "Business Entity Type 2": Job(38, 0.5, -1.5, 0.05),
    "School": Job(35, -2, 2.3, -0.15),
    "Trade: type 7": Job(29, -0.7, -3, 0.2),
    "Kindergarten": Job(29, -4, 2, -0.15),
    "Construction": Job(25, 2.2, -3, 0.3),
    "Business Entity Type 1": Job(22, 0.5, -2, 0.05),
    "Transport: type 4": Job(21, 1.5, -1.5, 0.15),
    "Industry: type 9": Job(14, 1.5, -1, -0.1),
    "Trade: type 3": Job(14, -1, -4, 0.15),
    "Industry: type 3": Job(13, 0, -2, 0.2),
    "Housing": Job(12, 0.3, -1, 0),
    "Security": Job(12, 2.5, -3, 0.2),
    "Industry: type 11": Job(11, 0.3, -1.5, 0.05),
    "Bank": Job(11, -1.5, -1, -0.3),
    "Military": Job(10, 1.7, 4, -0.4),
    "Agriculture": Job(10, 0.3, -2, 0.15),
    "Transport: type 2": Job(10, 1.2, 0.5, 0),
    "Postal": Job(9, -3, 1.7, 0),
    "Police": Job(8, 1.5, 3.3, -0.4),
    "Services": Job(7, -2, -3, -0.1),
    "Security Ministries": Job(7, 1, 3.6, -0.4),
    "Trade: type 2": Job(7, 0, -4, -0.1),
    "University": Job(6, -1.5, 2.5, -0.3),
    "Restaurant": Job(6, -1, -2, 0.25),
    "Industry: type 7": Job(5, 0, -1.5, 0),
    "Transport: type 3": Job(5, 3, -4, 0.4),
    "Hotel": Job(4, -1, -1.5, -0.1),
    "Industry: type 1": Job(4, 1.5, -1, 0.25),
    "Electricity": Job(4, 1, 0, -0.1),
    "Trade: type 6": Job(3, -1.5, 0, -0.3),
    "Telecom": Job(3, 0.7, -1.5, 0),
    "Industry: type 4": Job(3, 1, -3, 0.1),
    "Insurance": Job(3, -1, 0.5, -0.2),
    "Emergency": Job(2, 2, 2.8, -0.2),
    "Industry: type 5": Job(2, 0.5, -2, 0),
    "Industry: type 2": Job(2, 0.5, -2, 0),
    "Industry: type 12": Job(2, -1, -1, -0.5),
    "Advertising": Job(2, 0, -4, 0),
    "Culture": Job(1.5, -1, 1.5, -0.3),
    "Legal Services": Job(1.5, -1, -1, 0),
    "Mobile": Job(1, -0.5, -4, 0.1),
    "Trade: type 1": Job(1.3, -1, -4, 0),
    "Transport: type 1": Job(0.8, 1, 0, -0.4),
    "Industry: type 6": Job(0.5, 0, -2, 0),
    "Realtor": Job(1.3, -1, -1, 0.2),
    "Cleaning": Job(1, -1, -2, 0.2),
    "Industry: type 10": Job(0.5, 0.5, -2, 0),
    "Industry: type 13": Job(0.3, 1, -2, 0.3),
    "Trade: type 5": Job(0.2, 0, -3, 0),
    "Religion": Job(0.3, 0, 0, -0.2),
    "Trade: type 4": Job(0.3, 0, -3, 0),
    "Industry: type 8": Job(0.2, 0, -3, 0.2),
}

OCCUPATIONS = {
    "": Job(160, 0, 0, -0.05, 0),
    "Laborers": Job(230, 1.2, -1.5, 0.1, 0),
    "Sales staff": Job(110, -2, -0.7, 0.1, -0.05),
    "Core staff": Job(80, -1.4, 1.5, -0.1, 0),
    "Managers": Job(85, 0.5, 1.8, -0.1, 0.25),
    "Drivers": Job(65, 5, -1.2, 0.15, 0.05),
    "High skill tech staff": Job(46, 0, 0.8, -0.1, 0.02),
    "Accountants": Job(42, -4, 2, -0.2, 0.05),
    "Medicine staff": Job(14, -4, -1, -0.1, -0.05),
    "Security staff": Job(21, 2, -1.3, 0.1, -0.1),
    "Cooking staff": Job(21, -2.5, -2.5, 0.15, -0.15),
    "Cleaning staff": Job(18, -3, -2.5, 0.1, -0.2),
    "Private service staff": Job(12, -4, -0.5, -0.1, 0),
    "Low-skill Laborers": Job(10, 2.5, -2, 0.5, -0.15),
    "Secretaries": Job(6, -4, 1, 0, -0.1),
    "Waiters/barmen staff": Job(5, -1.3, -0.7, 0.2, -0.1),
    "IT staff": Job(3, 2, 2, -0.2, 0.15),
    "Realty agents": Job(2.5, -2.5, 1.2, 0, 0.1),
    "HR staff": Job(2, -3, 2.5, -0.2, 0.1),
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
"""What most people of an organisation do."""
