"""What the stage makes of records: what to count, what is refused, what must wait."""

from datetime import timedelta

import numpy as np
import pytest

from services.contracts.catalogue import CatalogueDescribed
from services.contracts.codec import encode
from services.contracts.topics import CATALOGUES
from services.kit.records import Emit, Hold, Partition, Record, Reject
from services.monitoring.champion import Champion
from services.monitoring.observations import NO_CHAMPION, MonitoringHandler
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import (
    CATALOGUE,
    MONITORED,
    NOON,
    decision_records,
    feature_records,
    monitored_of,
    observed_of,
    of_catalogue,
)


def described(version: str, names: tuple[str, ...]) -> Record:
    features = tuple(CATALOGUE.features[CATALOGUE.names.index(name)] for name in names)
    event = CatalogueDescribed(catalogue_version=version, features=features)
    encoded = encode(event, event_id=version, source="octroi/tests")
    return Record(Partition(CATALOGUES.name, 0), 0, 0, *encoded)


def test_vectors_are_cut_to_the_monitored_features_and_keep_their_place(
    matrix: Matrix, champion: Champion
) -> None:
    rows = observed_of(champion, feature_records(matrix[:5], partition=3, first=40))
    values = np.array([row.values for row in rows])
    assert np.array_equal(values, monitored_of(matrix[:5]), equal_nan=True)
    assert [(row.topic, row.partition, row.offset) for row in rows] == [
        ("loan.features.v1", 3, offset) for offset in range(40, 45)
    ]
    assert [row.at for row in rows] == [NOON + place * timedelta(milliseconds=10) for place in range(5)]
    assert {(row.channel, row.decision) for row in rows} == {("web", None)}


def test_decisions_and_vectors_of_one_batch_keep_the_batchs_order(matrix: Matrix, champion: Champion) -> None:
    assert champion.current is not None
    features = feature_records(matrix[:3])
    decisions = decision_records(matrix[:3], champion.current)
    mixed = [record for pair in zip(decisions, features, strict=True) for record in pair]
    rows = observed_of(champion, mixed)
    assert [row.decision is None for row in rows] == [False, True] * 3
    assert [row.offset for row in rows] == [0, 0, 1, 1, 2, 2]


def test_words_that_the_catalogue_does_not_know_are_told_of_monitored_features_only(
    matrix: Matrix, champion: Champion
) -> None:
    [row] = observed_of(
        champion, feature_records(matrix[:1], unknown_words=("CODE_GENDER", "NAME_TYPE_SUITE"))
    )
    assert row.unknown is not None
    assert [name for name, unknown in zip(MONITORED, row.unknown, strict=True) if unknown] == ["CODE_GENDER"]


def test_everything_waits_for_a_champion(matrix: Matrix, champion: Champion) -> None:
    champion.current = None
    assert MonitoringHandler(champion)(feature_records(matrix[:2])) == [Hold(NO_CHAMPION)] * 2


def test_a_record_that_is_no_event_is_refused_and_its_neighbours_are_not(
    matrix: Matrix, champion: Champion
) -> None:
    records = feature_records(matrix[:3])
    records[1] = records[1]._replace(value=b"{}")
    results = MonitoringHandler(champion)(records)
    assert [type(result) for result in results] == [Emit, Reject, Emit]


def test_vectors_of_a_catalogue_that_nobody_has_described_wait_and_others_do_not(
    matrix: Matrix, champion: Champion
) -> None:
    records = [*feature_records(matrix[:1]), *of_catalogue(feature_records(matrix[1:2]), "other")]
    read, waiting = MonitoringHandler(champion)(records)
    assert isinstance(read, Emit)
    assert isinstance(waiting, Hold)
    assert "other" in waiting.reason


def test_vectors_of_another_catalogue_are_read_in_its_order(matrix: Matrix, champion: Champion) -> None:
    names = tuple(reversed(CATALOGUE.names))
    champion.learn(described("other", names))
    records = of_catalogue(feature_records(np.ascontiguousarray(matrix[:2, ::-1])), "other")
    values = np.array([row.values for row in observed_of(champion, records)])
    assert np.array_equal(values, monitored_of(matrix[:2]), equal_nan=True)


def test_vectors_without_a_monitored_feature_are_passed_over(matrix: Matrix, champion: Champion) -> None:
    champion.learn(described("other", CATALOGUE.names[2:]))
    records = of_catalogue(feature_records(matrix[:1, 2:]), "other")
    assert MonitoringHandler(champion)(records) == [Emit()]


@pytest.mark.parametrize("timestamp", [-1, -(10**17), 0])
def test_a_timestamp_before_1970_is_1970(matrix: Matrix, champion: Champion, timestamp: int) -> None:
    [record] = feature_records(matrix[:1])
    [row] = observed_of(champion, [record._replace(timestamp=timestamp)])
    assert row.at.timestamp() == 0


@pytest.mark.parametrize("ahead", [5_000, 10**12, 10**17])
def test_a_timestamp_of_the_future_is_the_moment_of_handling(
    matrix: Matrix, champion: Champion, ahead: int
) -> None:
    assert champion.current is not None
    for record in (*feature_records(matrix[:1]), *decision_records(matrix[:1], champion.current)):
        [row] = observed_of(champion, [record._replace(timestamp=record.timestamp + ahead)])
        assert row.at == NOON + timedelta(seconds=1)
