import json
from datetime import UTC, datetime

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from services.contracts.codec import decode
from services.contracts.events import NAMES_KEPT, FeaturesComputed
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.contracts.topics import FEATURES
from services.contracts.vector import unpack
from services.feature.handler import FeatureHandler
from services.feature.metrics import count_unknown
from services.kit.records import Emit, Message, Partition, Record, Reject
from services.scorecard.columns import Unknown
from services.scorecard.standard import standard_catalogue

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CATALOGUE = standard_catalogue()


@pytest.fixture
def unknown() -> list[Unknown]:
    return []


@pytest.fixture
def handler(unknown: list[Unknown]) -> FeatureHandler:
    return FeatureHandler(CATALOGUE, now=lambda: NOW, count_unknown=unknown.append)


def record(value: object, offset: int = 0, **headers: str) -> Record:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    encoded = tuple((name, text.encode()) for name, text in headers.items())
    return Record(Partition("loan.applications.v1", 3), offset, 1_775_000_000_000, b"key", raw, encoded)


def submitted(application_id: str, application: dict[str, object]) -> dict[str, object]:
    return {"application_id": application_id, "application": application}


def features_of(result: Emit[Message] | Reject) -> FeaturesComputed:
    assert isinstance(result, Emit)
    (message,) = result.items
    assert message.topic == FEATURES.name
    return decode(FeaturesComputed, message.value, message.headers)


def test_a_batch_gives_each_application_its_own_vector_in_order(handler: FeatureHandler) -> None:
    results = handler(
        [
            record(submitted("first", APPLICATION), 7),
            record(submitted("second", SMALLEST_APPLICATION), 8),
        ]
    )
    first, second = map(features_of, results)
    assert (first.application_id, second.application_id) == ("first", "second")
    vectors = unpack([first.vector, second.vector], len(CATALOGUE.names))
    income = CATALOGUE.names.index("AMT_INCOME_TOTAL")
    assert vectors[:, income].tolist() == [
        APPLICATION["AMT_INCOME_TOTAL"],
        SMALLEST_APPLICATION["AMT_INCOME_TOTAL"],
    ]
    assert np.isnan(vectors[1, CATALOGUE.names.index("AMT_ANNUITY")])
    assert first.catalogue_version == CATALOGUE.version
    assert (first.contract_type, second.contract_type) == ("Cash loans", None)


def test_a_broken_record_is_refused_and_its_neighbours_are_not(handler: FeatureHandler) -> None:
    good = submitted("good", SMALLEST_APPLICATION)
    broken = submitted("broken", {**SMALLEST_APPLICATION, "AMT_CREDIT": "much"})
    results = handler([record(good), record(broken), record(b"not json"), record(b""), record(good)])
    refused = [result.error for result in results if isinstance(result, Reject)]
    assert [isinstance(result, Emit) for result in results] == [True, False, False, False, True]
    assert "AMT_CREDIT" in refused[0]
    assert "much" not in refused[0]


def test_lineage_and_times_come_from_the_record_where_the_event_has_none(handler: FeatureHandler) -> None:
    (plain,) = map(features_of, handler([record(submitted("plain", SMALLEST_APPLICATION), 5)]))
    assert plain.application.event_id == "loan.applications.v1:3:5"
    assert plain.submitted_at == datetime.fromtimestamp(1_775_000_000, UTC)
    assert plain.computed_at == NOW
    named = record(submitted("named", SMALLEST_APPLICATION), 6, ce_id="its-own", ce_requestid="request-1")
    (result,) = handler([named])
    assert features_of(result).application.event_id == "its-own"
    assert isinstance(result, Emit)
    assert ("ce_requestid", b"request-1") in result.items[0].headers


def test_a_record_time_off_the_calendar_is_moved_onto_it(handler: FeatureHandler) -> None:
    late = record(submitted("late", SMALLEST_APPLICATION))._replace(timestamp=10**15)
    (event,) = map(features_of, handler([late]))
    assert event.submitted_at == late.time()


def test_what_is_not_known_is_kept_out_counted_and_named(
    handler: FeatureHandler, unknown: list[Unknown]
) -> None:
    strange = {**SMALLEST_APPLICATION, "NAME_INCOME_TYPE": "Astronaut", "SHOE_SIZE": 43}
    with_strange, without = map(
        features_of, handler([record(submitted("a", strange)), record(submitted("b", SMALLEST_APPLICATION))])
    )
    assert with_strange.unknown_words == ("NAME_INCOME_TYPE",)
    assert with_strange.unknown_fields == ("SHOE_SIZE",)
    assert with_strange.vector == without.vector
    assert unknown == [Unknown(("NAME_INCOME_TYPE",), ("SHOE_SIZE",))]


def test_every_field_that_is_not_known_is_counted_and_the_first_are_named() -> None:
    registry = CollectorRegistry()
    counting = FeatureHandler(CATALOGUE, now=lambda: NOW, count_unknown=count_unknown(registry))
    names = [f"FIELD_{number}" for number in range(NAMES_KEPT + 5)]
    strange = {**SMALLEST_APPLICATION, "NAME_INCOME_TYPE": "Astronaut", **dict.fromkeys(names, 1)}
    (event,) = map(features_of, counting([record(submitted("a", strange))]))
    assert list(event.unknown_fields) == names[:NAMES_KEPT]
    assert event.unknown_words == ("NAME_INCOME_TYPE",)
    assert registry.get_sample_value("octroi_unknown_fields_total") == len(names)
    assert registry.get_sample_value("octroi_unknown_words_total", {"column": "NAME_INCOME_TYPE"}) == 1


def test_the_same_record_gives_the_same_event_again(handler: FeatureHandler) -> None:
    once, again = (handler([record(submitted("same", APPLICATION), 9)])[0] for _ in range(2))
    assert features_of(once) == features_of(again)
