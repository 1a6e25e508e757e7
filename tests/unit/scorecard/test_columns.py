import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.scorecard.columns import CATEGORY_COLUMNS, NUMBER_COLUMNS, Unknown, columns_of, number_rows
from services.scorecard.words import KNOWN_WORDS, MISSING, UNKNOWN


def application(**cells: object) -> LoanApplication:
    return LoanApplication.model_validate({**APPLICATION, **cells})


def test_every_column_but_the_identifier_is_a_number_or_a_category() -> None:
    assert {*NUMBER_COLUMNS, *CATEGORY_COLUMNS, "SK_ID_CURR"} == set(LoanApplication.model_fields)
    assert not set(NUMBER_COLUMNS) & set(CATEGORY_COLUMNS)


@pytest.mark.parametrize(
    ("name", "stands_for_none", "known"),
    [
        ("DAYS_EMPLOYED", 365_243, -2190),
        ("REGION_RATING_CLIENT", -1, 1),
        ("REGION_RATING_CLIENT_W_CITY", -1, 1),
    ],
)
def test_a_number_that_stands_for_none_is_missing(name: str, stands_for_none: int, known: int) -> None:
    columns = columns_of([application(**{name: stands_for_none}), application(**{name: known})])
    np.testing.assert_array_equal(columns.numbers[number_rows([name])[0]], [np.nan, known])


def test_a_number_that_stands_for_none_elsewhere_is_kept() -> None:
    columns = columns_of([application(DAYS_REGISTRATION=-1, AMT_CREDIT=365_243)])
    rows = number_rows(["DAYS_REGISTRATION", "AMT_CREDIT"])
    np.testing.assert_array_equal(columns.numbers[rows, 0], [-1, 365_243])


@pytest.mark.parametrize("name", ["CODE_GENDER", "ORGANIZATION_TYPE", "OCCUPATION_TYPE"])
def test_xna_and_an_empty_cell_are_missing_and_not_unknown(name: str) -> None:
    columns = columns_of([application(**{name: "XNA"}), application(**{name: None})])
    assert columns.codes[CATEGORY_COLUMNS.index(name)].tolist() == [MISSING, MISSING]
    assert not columns.unknown


def test_a_words_code_is_its_place_in_the_list() -> None:
    words = KNOWN_WORDS["OCCUPATION_TYPE"]
    columns = columns_of([application(OCCUPATION_TYPE=word) for word in words])
    assert columns.codes[CATEGORY_COLUMNS.index("OCCUPATION_TYPE")].tolist() == list(range(len(words)))


def test_unknown_words_and_fields_are_named_in_their_rows_only() -> None:
    columns = columns_of(
        [
            application(),
            application(OCCUPATION_TYPE="Astronaut", HOUSETYPE_MODE="igloo"),
            application(),
            application(FAVOURITE_COLOUR="blue", NAME_TYPE_SUITE="a parrot"),
        ]
    )
    assert dict(columns.unknown) == {
        1: Unknown(words=("OCCUPATION_TYPE", "HOUSETYPE_MODE")),
        3: Unknown(words=("NAME_TYPE_SUITE",), fields=("FAVOURITE_COLOUR",)),
    }
    assert columns.codes[CATEGORY_COLUMNS.index("OCCUPATION_TYPE"), 1] == UNKNOWN


def test_rows_keep_their_order() -> None:
    incomes = [50_000.0, 10_000.0, 90_000.0, 70_000.0]
    columns = columns_of([application(AMT_INCOME_TOTAL=income) for income in incomes])
    assert columns.rows == len(incomes)
    assert columns.numbers[number_rows(["AMT_INCOME_TOTAL"])[0]].tolist() == incomes


def test_cells_left_out_are_missing() -> None:
    columns = columns_of([LoanApplication.model_validate(SMALLEST_APPLICATION)])
    present = [
        name for name, row in zip(NUMBER_COLUMNS, columns.numbers, strict=True) if not np.isnan(row[0])
    ]
    assert present == ["AMT_INCOME_TOTAL", "AMT_CREDIT", "DAYS_BIRTH"]
    assert set(columns.codes[:, 0].tolist()) == {MISSING}


def test_no_applications_make_no_rows() -> None:
    columns = columns_of([])
    assert columns.numbers.shape == (len(NUMBER_COLUMNS), 0)
    assert columns.codes.shape == (len(CATEGORY_COLUMNS), 0)
