"""What is read and what is refused, and that refusals name the field and never its value."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.codec import (
    LARGEST_EVENT,
    ContractError,
    attribute,
    decode,
    decode_fast,
    decode_known,
    encode,
)
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.wire import write
from tests.unit.contracts.applications import REQUIRED, submitted

TYPE = LoanApplicationSubmitted.event_type()


def refusal(value: bytes | None, *headers: tuple[str, bytes]) -> str:
    with pytest.raises(ContractError) as refused:
        decode(LoanApplicationSubmitted, value, headers)
    return str(refused.value)


def test_a_plain_value_without_headers_is_read() -> None:
    event = decode(LoanApplicationSubmitted, submitted())
    assert event.application_id == "a-1"
    assert event.application.AMT_CREDIT == 250000.5
    assert event.application.AMT_ANNUITY is None
    assert event.submitted_at is None


@pytest.mark.parametrize("value", [None, b""])
def test_an_empty_value_is_refused(value: bytes | None) -> None:
    assert refusal(value) == "value: is empty, send the event as a JSON object"


@pytest.mark.parametrize(
    "value", [b"hello", b"{", b"\xff\xfe\x00", b'{"application_id": "a-1",}', b"[" * 10_000]
)
def test_what_is_not_json_is_refused(value: bytes) -> None:
    assert refusal(value).startswith("value: Invalid JSON: ")


@pytest.mark.parametrize("value", [b"[]", b"null", b"12", b'"text"'])
def test_json_that_is_no_object_is_refused(value: bytes) -> None:
    assert refusal(value) == "value: Input should be an object"


def test_a_value_of_5_megabytes_is_refused_before_it_is_parsed() -> None:
    value = submitted(comment="x" * 5_000_000)
    assert refusal(value) == f"value: has {len(value)} bytes, at most 262144 are read"


def test_the_largest_value_is_read() -> None:
    padding = LARGEST_EVENT - len(submitted())
    assert len(submitted() + b" " * padding) == LARGEST_EVENT
    assert decode(LoanApplicationSubmitted, submitted() + b" " * padding).application_id == "a-1"
    assert refusal(submitted() + b" " * (padding + 1)).startswith("value: has 262145 bytes")


@pytest.mark.parametrize("column", REQUIRED)
def test_a_required_cell_that_is_missing_or_null_is_named(column: str) -> None:
    assert refusal(submitted({column: None})).startswith(f"application.{column}: ")
    without = {name: cell for name, cell in REQUIRED.items() if name != column}
    assert refusal(submitted(application=without)) == f"application.{column}: Field required"


def test_required_fields_are_named() -> None:
    assert refusal(b"{}") == "application_id: Field required; application: Field required"


@pytest.mark.parametrize("cell", ["12", True, False, [12], {"amount": 12}, "NaN"])
@pytest.mark.parametrize(
    "column", ["AMT_ANNUITY", "CNT_CHILDREN", "FLAG_MOBIL", "DAYS_EMPLOYED", "EXT_SOURCE_1"]
)
def test_a_number_is_a_json_number(column: str, cell: object) -> None:
    assert refusal(submitted({column: cell})) == f"application.{column}: Input should be a valid number"


@pytest.mark.parametrize("cell", ["7", True, 7.5, 7.0])
def test_the_loan_number_is_a_whole_json_number(cell: object) -> None:
    assert refusal(submitted({"SK_ID_CURR": cell})).startswith("application.SK_ID_CURR: ")


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), float("-inf"), 10**400])
@pytest.mark.parametrize(
    "column", ["AMT_CREDIT", "CNT_CHILDREN", "FLAG_MOBIL", "HOUR_APPR_PROCESS_START", "OWN_CAR_AGE"]
)
def test_a_number_is_finite(column: str, cell: float) -> None:
    assert refusal(submitted({column: cell})) == f"application.{column}: Input should be a finite number"


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("AMT_CREDIT", -71.5, "Input should be greater than 0"),
        ("AMT_CREDIT", 1e11, "Input should be less than or equal to 10000000000"),
        ("DAYS_BIRTH", 71, "Input should be less than or equal to -1"),
        ("DAYS_BIRTH", -44_000, "Input should be greater than or equal to -43830"),
        ("EXT_SOURCE_1", 1.71, "Input should be less than or equal to 1"),
        ("HOUR_APPR_PROCESS_START", 71, "Input should be less than or equal to 23"),
        ("CNT_CHILDREN", 1.71, "Input should be a multiple of 1"),
        ("FLAG_OWN_CAR", "maybe", "Input should be 'Y' or 'N'"),
        ("OCCUPATION_TYPE", "x" * 65, "String should have at most 64 characters"),
        (
            "DAYS_EMPLOYED",
            5,
            "must be 0 or negative (days before the application), or 365243 for no employment",
        ),
    ],
)
def test_a_refusal_names_the_field_and_what_it_may_hold(column: str, cell: object, sentence: str) -> None:
    assert refusal(submitted({column: cell})) == f"application.{column}: {sentence}"


def test_days_employed_365243_means_no_employment() -> None:
    assert (
        decode(LoanApplicationSubmitted, submitted({"DAYS_EMPLOYED": 365_243})).application.DAYS_EMPLOYED
        == 365_243
    )


@pytest.mark.parametrize("version", [2, 0, "1", None])
def test_another_version_in_the_value_is_refused(version: object) -> None:
    assert refusal(submitted(version=version)) == "version: Input should be 1"


def test_another_event_in_the_value_is_refused() -> None:
    assert refusal(submitted(event="LoanForgotten")) == "event: Input should be 'LoanApplicationSubmitted'"


def test_another_type_or_version_in_the_headers_is_refused() -> None:
    expected = f"expected {TYPE} or no header"
    assert refusal(submitted(), ("ce_type", b"io.octroi.LoanApplicationSubmitted.v2")) == (
        f"ce_type: is io.octroi.LoanApplicationSubmitted.v2, {expected}"
    )
    assert expected in refusal(submitted(), ("ce_type", b"\xff" * 5000))
    assert len(refusal(submitted(), ("ce_type", b"x" * 5000))) < 200


@pytest.mark.parametrize(
    "moment", [12, 12.5, "12", "12.5", True, "2026-03-31", "2026-03-31T09:30:00", "soon"]
)
def test_a_moment_is_a_date_a_time_and_a_zone(moment: object) -> None:
    assert refusal(submitted(submitted_at=moment)).startswith("submitted_at: ")


def test_a_moment_keeps_its_zone() -> None:
    event = decode(LoanApplicationSubmitted, submitted(submitted_at="2026-03-31T11:30:00+02:00"))
    assert event.submitted_at == datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    assert event.submitted_at.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("channel", ["", "x" * 33, "a\x00b", "a\nb", 7])
def test_a_channel_is_a_short_line_that_a_table_can_hold(channel: object) -> None:
    assert refusal(submitted(channel=channel)).startswith("channel: ")
    assert decode(LoanApplicationSubmitted, submitted(channel="Agence Évry 2")).channel == "Agence Évry 2"


def test_an_unknown_column_is_kept_out_and_can_be_counted() -> None:
    event = decode(LoanApplicationSubmitted, submitted({"FAVOURITE_COLOUR": "green", "LUCKY": [7]}))
    assert "FAVOURITE_COLOUR" not in type(event.application).model_fields
    assert set(event.application.model_extra or {}) == {"FAVOURITE_COLOUR", "LUCKY"}


def test_what_an_unknown_column_holds_goes_unread_where_only_the_contract_counts() -> None:
    value = submitted({"FAVOURITE_COLOUR": [{}]}, LUCKY=7)
    known = decode_known(LoanApplicationSubmitted, value)
    assert write(known) == write(decode_fast(LoanApplicationSubmitted, submitted()))


def test_only_decode_tells_of_a_fault_but_for_one_of_the_whole_value() -> None:
    assert decode_known(LoanApplicationSubmitted, submitted({"AMT_CREDIT": -1})) is None
    assert decode_known(LoanApplicationSubmitted, b"{") is None
    for value, headers in (
        (b"", []),
        (submitted(comment="x" * LARGEST_EVENT), []),
        (submitted(), [("ce_type", b"io.octroi.LoanApplicationSubmitted.v2")]),
    ):
        with pytest.raises(ContractError):
            decode_known(LoanApplicationSubmitted, value, headers)


def test_a_field_that_a_later_version_adds_is_passed_over() -> None:
    event = decode(LoanApplicationSubmitted, submitted(broker_fee=3))
    assert event == decode(LoanApplicationSubmitted, submitted())


@pytest.mark.parametrize(
    "value",
    [
        submitted({"OCCUPATION_TYPE": "Jane Doe" * 10}),
        submitted({"FLAG_OWN_CAR": "Jane Doe"}),
        submitted({"AMT_INCOME_TOTAL": "Jane Doe"}),
        submitted({"WEEKDAY_APPR_PROCESS_START": "Jane Doe"}),
        submitted({"SK_ID_CURR": "Jane Doe"}),
        submitted(application="Jane Doe"),
        submitted(application_id="Jane Doe"),
        submitted(submitted_at="Jane Doe"),
        submitted(submitted_at="T Jane Doe"),
        submitted(version="Jane Doe"),
        submitted()[:-1] + b', "name" "Jane Doe"}',
    ],
)
def test_a_refusal_never_shows_the_value(value: bytes) -> None:
    assert "Jane" not in refusal(value)


def test_a_refusal_stays_short() -> None:
    wrong = dict.fromkeys(
        ["AMT_ANNUITY", "AMT_GOODS_PRICE", "OWN_CAR_AGE", "EXT_SOURCE_1", "EXT_SOURCE_2"], "x"
    )
    assert refusal(submitted(wrong)).endswith(
        "application.OWN_CAR_AGE: Input should be a valid number; and 2 more"
    )


def test_key_and_headers_of_an_encoded_event() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    record = encode(
        decode(LoanApplicationSubmitted, submitted()), event_id="id-7", source="octroi/test", request_id="r-9"
    )
    assert record.key == b"a-1"
    expected = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "id-7",
        "ce_source": "octroi/test",
        "ce_type": TYPE,
        "ce_subject": "a-1",
        "ce_requestid": "r-9",
    }
    assert {name: attribute(record.headers, name) for name in expected} == expected
    assert before <= datetime.fromisoformat(attribute(record.headers, "ce_time") or "") <= datetime.now(UTC)
    assert len({name for name, _ in record.headers}) == len(record.headers) == 8


def test_an_event_without_a_request_says_nothing_of_one() -> None:
    record = encode(decode(LoanApplicationSubmitted, submitted()), event_id="1", source="s")
    assert attribute(record.headers, "ce_requestid") is None


def test_an_event_is_read_as_it_was_written() -> None:
    event = decode(
        LoanApplicationSubmitted,
        submitted({"FLAG_MOBIL": 1, "EXTRA": 3}, channel="web", submitted_at="2026-03-31T09:30:00Z"),
    )
    record = encode(event, event_id="1", source="s")
    assert decode(LoanApplicationSubmitted, record.value, record.headers) == event
    assert b"null" not in record.value


def test_the_first_of_two_headers_counts_and_odd_bytes_do_no_harm() -> None:
    headers = [("ce_id", b"1"), ("ce_id", b"2"), ("odd", b"a\xff\x00\nb"), ("long", b"x" * 300_000)]
    assert attribute(headers, "ce_id") == "1"
    assert attribute(headers, "odd") == "a\ufffd\ufffd\ufffdb"
    assert attribute(headers, "long") == "x" * 256
    assert attribute([], "ce_id") is None
