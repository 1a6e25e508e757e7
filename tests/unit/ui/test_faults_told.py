"""Faults of files, as the gateway itself finds them."""

import re

import pytest

from services.contracts.application import LoanApplication
from services.gateway.batch_file import Columns, CsvRecords
from services.gateway.batch_intake import too_long
from services.gateway.batch_part import make_part
from services.gateway.problems import ProblemError
from services.ui.faults_told import fault_told, place_told
from services.ui.limits import limits_of
from services.ui.locale_forms import forms_of
from services.ui.words import words_of

FRENCH, FORMS = words_of("fr"), forms_of("fr")
LIMITS = limits_of({"components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}}})
NAMES = ["AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH", "FLAG_OWN_CAR", "NAME_HOUSING_TYPE", "CNT_CHILDREN"]
GOOD = ["500000", "150000", "-15000", "Y", "With parents", "1"]
ENGLISH = re.compile(r"\b(should|input|column|has|must|rows?|or)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("place", "cell", "told"),
    [
        (0, "-5", "Plus de 0, au plus 10\u202f000\u202f000\u202f000."),
        (0, "much", "Plus de 0, au plus 10\u202f000\u202f000\u202f000."),
        (2, "15000", "Entre -43\u202f830 et -1."),
        (3, "X", "L'un de : Y, N."),
        (4, "x" * 99, "Au plus 64 caractères."),
        (5, "1.5", "Un nombre entier de 0 à 1\u202f000."),
    ],
)
def test_a_bad_cell_is_told_in_french_and_in_the_units_of_the_file(place: int, cell: str, told: str) -> None:
    record = [*GOOD[:place], cell, *GOOD[place + 1 :]]
    (error,) = make_part(0, 1, [record], Columns(NAMES)).errors
    fault = {"field": error.field, "message": error.message}
    assert fault_told(fault, LIMITS, FRENCH, FORMS) == told
    assert place_told(error.field, FRENCH) == NAMES[place]


def test_a_file_of_too_many_rows_is_told_as_a_whole() -> None:
    (error,) = too_long(10_000_000).problem().errors or ()
    told = fault_told({"field": error.field, "message": error.message}, LIMITS, FRENCH, FORMS)
    assert told.startswith("Le fichier a plus de 10000000 lignes : divisez-le")
    assert not ENGLISH.search(told)


def test_a_row_of_another_length_is_told_as_a_whole() -> None:
    (error,) = make_part(0, 1, [GOOD[:3]], Columns(NAMES)).errors
    told = fault_told({"field": error.field, "message": error.message}, LIMITS, FRENCH, FORMS)
    assert (place_told(error.field, FRENCH), told) == (
        "Toute la ligne",
        "3 cellules au lieu de 6, comme la ligne des noms.",
    )


@pytest.mark.parametrize(
    "names", [["AMT_CREDIT;AMT_INCOME_TOTAL"], ["AMT_CREDIT", "COLOUR"], [*NAMES, "AMT_CREDIT"]]
)
def test_a_bad_header_is_told_in_french(names: list[str]) -> None:
    with pytest.raises(ProblemError) as raised:
        Columns(names)
    faults = raised.value.problem().errors
    assert faults
    for fault in faults:
        told = fault_told(fault.model_dump(), LIMITS, FRENCH, FORMS)
        assert not ENGLISH.search(told), told


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a" * 2_000_000])
def test_what_is_no_table_is_told_in_french(content: bytes) -> None:
    with pytest.raises(ProblemError) as raised:
        CsvRecords().feed(content)
    (fault,) = raised.value.problem().errors or ()
    assert not ENGLISH.search(fault_told(fault.model_dump(), LIMITS, FRENCH, FORMS))
    assert place_told(fault.field, FRENCH) == "Le fichier"


def test_what_nobody_here_knows_is_told_as_the_gateway_says_it() -> None:
    assert fault_told({"field": "NEW", "message": "Is odd"}, LIMITS, FRENCH, FORMS) == "Is odd"
    no_rows = {"field": "body", "message": "Has no rows"}
    assert fault_told(no_rows, LIMITS, FRENCH, FORMS).startswith("Aucune ligne de données")
