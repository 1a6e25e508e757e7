from datetime import UTC, datetime, timedelta

import pytest

from services.ui.locale_forms import forms_of

FRENCH, ENGLISH = forms_of("fr"), forms_of("en")


def test_numbers_are_written_in_the_form_of_the_language() -> None:
    assert ENGLISH.number(512000) == "512,000"
    assert FRENCH.number(512000) == "512\u202f000"
    assert FRENCH.number(0.58, 4) == "0,58"
    assert (ENGLISH.percent(0.0351), FRENCH.percent(0.0351)) == ("3.5%", "3,5\u00a0%")
    assert ENGLISH.points(-0.0251) == "\u22122.5"
    assert ENGLISH.signed(2) == "+2.00"


def test_times_are_written_in_the_form_of_the_language() -> None:
    when = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    assert ENGLISH.moment(when) == "31 Mar 2026, 09:30:00"
    assert FRENCH.day(when) == "31 mars 2026"
    assert FRENCH.length(timedelta(seconds=130)) == "2 minutes"


@pytest.mark.parametrize("text", ["512000", "512 000", "512\u202f000", "512\u00a0000,0", "512'000"])
def test_french_amounts_are_read_however_they_are_typed(text: str) -> None:
    assert FRENCH.read(text) == 512000


@pytest.mark.parametrize(
    ("text", "number"), [("512,000", 512000), ("512,000.5", 512000.5), ("0.5", 0.5), ("0,5", 0.5)]
)
def test_english_amounts_are_read_however_they_are_typed(text: str, number: float) -> None:
    assert ENGLISH.read(text) == number


@pytest.mark.parametrize("text", ["171.000", "1.171.000", "-9.500"])
def test_dots_that_may_part_thousands_are_not_read_in_french(text: str) -> None:
    assert FRENCH.read(text) is None
    assert FRENCH.read("0.580") == 0.58


@pytest.mark.parametrize(
    "text", ["", "  ", "much", "1e", "--3", "inf", "-Infinity", "nan", "1e400", "9" * 400]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert FRENCH.read(text) is None
    assert ENGLISH.read(text) is None
