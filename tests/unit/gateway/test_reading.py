import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.contracts.wire import fields
from services.gateway.examples import COMPLETE
from services.gateway.problems import ProblemError
from services.gateway.reading import read_request_key, read_wait, submission_of
from services.gateway.resources import Submission
from services.kit.key_file import Role, make_key

_, CALLER = make_key(Role.SUBMIT, now=datetime(2026, 4, 1, tzinfo=UTC))


def request(*headers: tuple[str, str]) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("Wait = 5", 5),
        ('wait="5"', 5),
        ("respond-async, wait=5", 5),
        ("wait=0", 0),
        ("wait=3600", 30),
        ("wait=soon", None),
        ("wait=-1", None),
        ("return=minimal", None),
    ],
)
def test_prefer_wait_is_whole_seconds_up_to_the_longest(header: str, seconds: int | None) -> None:
    assert read_wait(request(("prefer", header)), longest=30) == seconds


def test_prefer_may_come_in_several_headers() -> None:
    assert read_wait(request(("prefer", "respond-async"), ("prefer", "wait=7")), longest=30) == 7


def test_without_prefer_nothing_is_waited_for() -> None:
    assert read_wait(request(), longest=30) is None


@pytest.mark.parametrize(("header", "key"), [("order-1", "order-1"), ('"order-1"', "order-1")])
def test_an_idempotency_key_may_be_quoted(header: str, key: str) -> None:
    assert read_request_key(request(("idempotency-key", header)), CALLER) == f"{CALLER.id}:{key}"


def test_without_an_idempotency_key_a_request_has_none() -> None:
    assert read_request_key(request(), CALLER) is None


@pytest.mark.parametrize("header", ["", "two words", "x" * 256, "\u00fcmlaut"])
def test_an_unfit_idempotency_key_is_named(header: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_request_key(request(("idempotency-key", header)), CALLER)
    errors = caught.value.problem().errors
    assert errors is not None
    assert errors[0].field == "header.Idempotency-Key"


@pytest.mark.parametrize(
    ("changed", "is_fast"),
    [
        ({}, True),
        ({"channel": None, "application_id": None}, True),
        ({"application": {**SMALLEST_APPLICATION, "AMT_CREDIT": 5, "CNT_CHILDREN": 2.0}}, True),
        ({"application": {**APPLICATION, "NAME_INCOME_TYPE": "Café\u2028"}}, True),
        ({"application": {**SMALLEST_APPLICATION, "REMARK": {"by": [1, None]}}}, False),
    ],
    ids=["complete", "nulls", "numbers", "words", "a further field"],
)
def test_a_submission_is_read_as_its_contract_reads_it(changed: dict[str, Any], *, is_fast: bool) -> None:
    body = json.dumps({**COMPLETE, **changed}).encode()
    ours, contract = submission_of(body), Submission.model_validate_json(body)
    assert isinstance(ours, Submission) is not is_fast
    assert (ours.application_id, ours.channel) == (contract.application_id, contract.channel)
    assert fields(ours.application) == fields(contract.application)


@pytest.mark.parametrize(
    "changed", [{"channel": ""}, {"extra": 1}, {"application": {**APPLICATION, "AMT_CREDIT": "much"}}]
)
def test_what_breaks_the_contract_is_told_in_its_words(changed: dict[str, Any]) -> None:
    body = json.dumps({**COMPLETE, **changed}).encode()
    with pytest.raises(ValidationError) as told:
        Submission.model_validate_json(body)
    with pytest.raises(ValidationError, match=re.escape(str(told.value))):
        submission_of(body)
