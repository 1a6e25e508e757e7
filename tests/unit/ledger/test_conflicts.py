import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.kit.packing import packer
from services.ledger.applications import Application, application_row
from services.ledger.conflicts import LARGEST_READ, differing
from tests.unit.ledger.records import application_record, submitted

NUMBERS = some.integers(-(2**70), 2**70) | some.floats(allow_nan=False)
CELLS = some.recursive(
    some.none() | some.booleans() | NUMBERS | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=5,
)
APPLICATIONS = some.dictionaries(some.sampled_from(["AMT_CREDIT", "OWN_CAR_AGE", "FURTHER"]), CELLS)


def row(value: bytes, offset: int = 0) -> Application:
    found = application_row(application_record(value, offset), packer()(value))
    assert found is not None
    return found


def same_application(first: bytes, second: bytes) -> bool:
    return not differing(first, [row(second)])


def padded(size: int, **changes: object) -> bytes:
    """Return an application of so many bytes."""
    value = submitted("web-1", **changes)
    return value + b" " * (size - len(value))


def test_applications_are_equal_whatever_the_order_of_their_fields() -> None:
    reordered = dict(reversed(APPLICATION.items()))
    first = submitted("web-1")
    assert same_application(first, submitted("web-1", application=reordered, channel="branch"))
    assert not same_application(first, submitted("web-1", application=SMALLEST_APPLICATION))
    assert not same_application(first, b'{"application_id": "web-1"}')


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"AMT_CREDIT": 1, "OWN_CAR_AGE": None}, {"AMT_CREDIT": 1}, True),
        ({"AMT_CREDIT": 1}, {"AMT_CREDIT": 1, "OWN_CAR_AGE": None}, True),
        ({"AMT_CREDIT": 1, "OWN_CAR_AGE": None}, {"AMT_CREDIT": 1, "OWN_CAR_AGE": 0}, False),
        ({"FURTHER": {"a": None}}, {"FURTHER": {}}, False),
        ({"FURTHER": {"a": 1, "b": 2}}, {"FURTHER": {"b": 2, "a": 1}}, True),
        (None, "all of it", False),
        (["AMT_CREDIT"], ["AMT_CREDIT"], True),
    ],
)
def test_a_cell_that_is_null_is_the_same_as_one_left_out(first: object, second: object, same: bool) -> None:
    one, other = (submitted("web-1", application=application) for application in (first, second))
    assert same_application(one, other) is same


@pytest.mark.parametrize(
    ("first", "second"),
    [("1", "1.0"), ("1000", "1e3"), ("0.1", "1.0E-1"), ('"ü"', r'"\u00fc"'), ('{"a":[]}', '{ "a" : [ ] }')],
)
def test_how_a_cell_is_written_does_not_matter(first: str, second: str) -> None:
    one, other = (
        f'{{"application_id": "web-1", "application": {{"A": {cell}}}}}'.encode() for cell in (first, second)
    )
    assert same_application(one, other)


@given(first=APPLICATIONS, second=APPLICATIONS, ascii_only=some.booleans())
def test_applications_are_the_same_where_their_cells_are(
    first: dict[str, object], second: dict[str, object], ascii_only: bool
) -> None:
    known = {name: cell for name, cell in first.items() if cell is not None}
    for other in (second, dict(reversed(first.items()))):
        event = {"application": other, "application_id": "web-1"}
        later = json.dumps(event, ensure_ascii=ascii_only, indent=1).encode()
        expected = known == {name: cell for name, cell in other.items() if cell is not None}
        assert same_application(submitted("web-1", application=first), later) is expected


@pytest.mark.parametrize(("size", "same"), [(LARGEST_READ, True), (LARGEST_READ + 1, False)])
def test_a_value_that_is_too_large_to_be_read_is_the_same_only_where_its_bytes_are(
    size: int, same: bool
) -> None:
    large, small = padded(size), submitted("web-1", channel=None)
    assert same_application(large, small) is same
    assert same_application(small, large) is same
    assert same_application(large, padded(size))


def test_what_is_no_json_where_nobody_looked_is_the_same_only_as_itself() -> None:
    whole = submitted("web-1", note="?")
    broken = whole.replace(b'"?"', b'"\xff"')
    assert same_application(broken, broken)
    assert not same_application(broken, whole)
    assert not same_application(whole, broken)


def test_of_all_records_under_an_id_those_are_told_that_differ() -> None:
    values = [submitted("web-1"), submitted("web-1", application=SMALLEST_APPLICATION)] * 2
    found = differing(values[0], [row(value, n) for n, value in enumerate(values)])
    assert [each.offset for each in found] == [1, 3]
