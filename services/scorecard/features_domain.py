"""Domain features: what a credit officer would work out from an application's numbers."""

from collections.abc import Callable

from services.scorecard.arithmetic import (
    Block,
    Column,
    gap,
    least,
    mean,
    missing,
    most,
    product,
    ratio,
    spread,
    total,
    years_before,
)
from services.scorecard.catalogue import FeatureBlock, FeatureDefinition
from services.scorecard.columns import NUMBER_COLUMNS, Columns, number_rows
from services.scorecard.instalments import RATE_FORMULA, TERM_FORMULA, implied_rate, implied_term

Formula = Callable[[Block], Column]
"""Computes a feature from its source columns, shape (sources, rows), and from nothing else."""
DomainFeature = tuple[FeatureDefinition, Formula]

LOAN = ("AMT_CREDIT", "AMT_ANNUITY")
EXTERNAL_SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
DOCUMENTS = tuple(name for name in NUMBER_COLUMNS if name.startswith("FLAG_DOCUMENT_"))
ENQUIRIES = tuple(name for name in NUMBER_COLUMNS if name.startswith("AMT_REQ_CREDIT_BUREAU_"))
BUILDING = tuple(name for name in NUMBER_COLUMNS if name.endswith(("_AVG", "_MODE", "_MEDI")))


def loan_features() -> FeatureBlock:
    """Return what the loan costs, against the income and the goods."""
    return _block(
        _ratio("CREDIT_TO_ANNUITY", *LOAN),
        _ratio("CREDIT_TO_GOODS", "AMT_CREDIT", "AMT_GOODS_PRICE"),
        _feature("GOODS_CREDIT_GAP", "AMT_GOODS_PRICE - AMT_CREDIT", ("AMT_GOODS_PRICE", "AMT_CREDIT"), gap),
        _ratio("ANNUITY_TO_INCOME", "AMT_ANNUITY", "AMT_INCOME_TOTAL"),
        _ratio("CREDIT_TO_INCOME", "AMT_CREDIT", "AMT_INCOME_TOTAL"),
        _feature("IMPLIED_TERM", TERM_FORMULA, LOAN, implied_term),
        _feature("IMPLIED_RATE", RATE_FORMULA, LOAN, implied_rate),
    )


def applicant_features() -> FeatureBlock:
    """Return ages in years, the household and its income."""
    return _block(
        _years("AGE_YEARS", "DAYS_BIRTH"),
        _years("EMPLOYED_YEARS", "DAYS_EMPLOYED"),
        _years("REGISTRATION_YEARS", "DAYS_REGISTRATION"),
        _years("ID_DOCUMENT_YEARS", "DAYS_ID_PUBLISH"),
        _years("PHONE_YEARS", "DAYS_LAST_PHONE_CHANGE"),
        _ratio("EMPLOYED_TO_AGE", "DAYS_EMPLOYED", "DAYS_BIRTH"),
        _ratio("INCOME_PER_PERSON", "AMT_INCOME_TOTAL", "CNT_FAM_MEMBERS"),
        _ratio("CHILDREN_SHARE", "CNT_CHILDREN", "CNT_FAM_MEMBERS"),
    )


def summary_features() -> FeatureBlock:
    """Return what groups of columns say together."""
    scores = ", ".join(EXTERNAL_SCORES)
    return _block(
        _feature("EXT_SOURCE_MEAN", f"mean of those present of {scores}", EXTERNAL_SCORES, mean),
        _feature("EXT_SOURCE_MIN", f"least of those present of {scores}", EXTERNAL_SCORES, least),
        _feature("EXT_SOURCE_MAX", f"most of those present of {scores}", EXTERNAL_SCORES, most),
        _feature("EXT_SOURCE_SPREAD", "EXT_SOURCE_MAX - EXT_SOURCE_MIN", EXTERNAL_SCORES, spread),
        _feature(
            "EXT_SOURCE_PRODUCT", f"product of {scores}, missing where one is", EXTERNAL_SCORES, product
        ),
        _feature("EXT_SOURCE_MISSING", f"how many are missing of {scores}", EXTERNAL_SCORES, missing),
        _feature("DOCUMENT_SUM", "documents handed in, of those asked about", DOCUMENTS, total),
        _feature("ENQUIRY_SUM", "enquiries at the credit bureau, of the periods present", ENQUIRIES, total),
        _feature("BUILDING_MISSING", "how many numbers about the building are missing", BUILDING, missing),
    )


def _feature(name: str, formula: str, sources: tuple[str, ...], compute: Formula) -> DomainFeature:
    return FeatureDefinition(name, formula, sources), compute


def _ratio(name: str, numerator: str, denominator: str) -> DomainFeature:
    return _feature(name, f"{numerator} / {denominator}", (numerator, denominator), ratio)


def _years(name: str, days: str) -> DomainFeature:
    return _feature(name, f"-{days} / 365.25", (days,), years_before)


def _block(*features: DomainFeature) -> FeatureBlock:
    steps = [(number_rows(definition.sources), compute) for definition, compute in features]

    def compute_all(columns: Columns) -> list[Column]:
        return [compute(columns.numbers[rows]) for rows, compute in steps]

    return FeatureBlock(tuple(definition for definition, _ in features), compute_all)
