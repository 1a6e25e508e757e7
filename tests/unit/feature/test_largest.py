"""What the largest applications hold: the next stage can read what is copied of it, and a turn has room."""

import json
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from services.contracts.codec import LARGEST_EVENT, decode, decode_fast
from services.contracts.events import ApplicationDecided, FeaturesComputed
from services.contracts.examples import SMALLEST_APPLICATION
from services.feature.handler import FeatureHandler
from services.kit.records import Emit, Message, Partition, Record, Reject
from services.scorecard.columns import Unknown
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.models import scoring_handler, small_bundle

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CATALOGUE = standard_catalogue()
Cells = Mapping[str, object]
NAMES = {
    "one": ["x"],
    "some": [*(f"{number}" + "x" * 12_000 for number in range(21)), "x"],
    "very many": [*(f"F{number}" for number in range(23_000)), "x"],
    "not ASCII": ["\u0416" * 60_000, "\U0001f600"],
    "control characters": ["\x01"],
    "quotes": ['"'],
}
"""Of fields that the contract does not have; the last one is as long as there is room for."""
RECORDS = 16
ROOM = 4
"""Times the bytes of its records that a turn may take beside them."""
HELD: dict[str, Cells] = {
    "nested values": {"x": [{"a": []}] * 27_000},
    "names": {f"{number:x}": 0 for number in range(26_000)},
    "texts": {"x": [f"{number:x}" for number in range(30_000)]},
}


def value(application: Cells, **fields: str) -> bytes:
    event = {"application_id": "a" * 64, **fields, "application": application}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def largest(application: Cells, **fields: str) -> bytes:
    """Return an application that has the most bytes that are read, by a field that is passed over."""
    rest = LARGEST_EVENT - len(value(application, padding="", **fields))
    return value(application, padding="x" * rest, **fields)


def with_names(names: Sequence[str]) -> bytes:
    *others, last = names
    application = {**SMALLEST_APPLICATION, **dict.fromkeys(others, 0)}
    before, each = (len(value({**application, last * times: 0}, padding="")) for times in (0, 1))
    times = (LARGEST_EVENT - before) // (each - before)
    return largest({**application, last * times: 0})


def record(raw: bytes, offset: int = 0, header: str = "e-1") -> Record:
    headers = (("ce_id", header.encode()), ("ce_requestid", header.encode()))
    assert len(raw) == LARGEST_EVENT
    return Record(Partition("loan.applications.v1", 3), offset, 1_775_000_000_000, b"key", raw, headers)


def feature(unknown: list[Unknown]) -> FeatureHandler:
    return FeatureHandler(CATALOGUE, now=lambda: NOW, count_unknown=unknown.append)


def message_of(result: object) -> Message:
    assert isinstance(result, Emit), result
    (message,) = result.items
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_names_that_nobody_knows_make_no_vector_that_cannot_be_read(names: Sequence[str]) -> None:
    unknown: list[Unknown] = []
    message = message_of(feature(unknown)([record(with_names(names))])[0])
    features = decode_fast(FeaturesComputed, message.value, message.headers)
    assert len(features.unknown_fields) == min(len(names), 20)
    # Nothing is left for the contract to cut or to replace.
    assert features.unknown_fields == decode(FeaturesComputed, message.value).unknown_fields
    assert unknown == [Unknown(fields=features.unknown_fields, more_fields=max(len(names) - 20, 0))]


@pytest.mark.parametrize("sign", ["x", '"', "\x01", "\u0416", "\U0001f600"])
def test_an_application_with_the_longest_texts_goes_all_the_way(sign: str) -> None:
    cells = {
        **SMALLEST_APPLICATION,
        **dict.fromkeys(("NAME_CONTRACT_TYPE", "OCCUPATION_TYPE", "ORGANIZATION_TYPE"), sign * 64),
        **{f"{number}{sign * 300}": 0 for number in range(30)},
    }
    channel = sign * 32 if sign.isprintable() else "web"
    application = record(largest(cells, channel=channel), header=sign * 5000)
    vector = message_of(feature([])([application])[0])
    scoring = scoring_handler(ready(small_bundle(), load_policy(), CATALOGUE), CATALOGUE, lambda: NOW)
    read = Record(Partition(vector.topic, 3), 0, 0, vector.key, vector.value, vector.headers)
    decision = message_of(scoring([read])[0])
    decided = decode(ApplicationDecided, decision.value, decision.headers)
    assert (decided.channel, decided.contract_type) == (channel, sign * 64)
    assert max(len(vector.value or b""), len(decision.value or b"")) < LARGEST_EVENT // 10


def peak_of(turn: Sequence[Record]) -> tuple[list[object], int]:
    """Return what the handler makes of a turn, and the most bytes that it holds for it meanwhile."""
    handler = feature([])
    handler(turn[:1])
    tracemalloc.start()
    try:
        results: list[object] = list(handler(turn))
        return results, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cells", HELD.values(), ids=HELD)
@pytest.mark.parametrize("left_out", ["", "AMT_CREDIT"], ids=["valid", "refused"])
def test_what_fields_hold_that_nobody_knows_is_let_go_of(cells: Cells, left_out: str) -> None:
    application = {name: cell for name, cell in SMALLEST_APPLICATION.items() if name != left_out}
    raw = largest({**application, **cells})
    results, peak = peak_of([record(raw, offset) for offset in range(RECORDS)])
    assert {type(result) for result in results} == {Reject if left_out else Emit}
    assert peak < ROOM * RECORDS * LARGEST_EVENT, f"{peak / RECORDS / LARGEST_EVENT:.1f} times the bytes"
