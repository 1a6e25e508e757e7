import pytest
from prometheus_client import CollectorRegistry

from services.kit.metrics import StageMetrics
from services.kit.outputs import Settled
from services.kit.records import Message, Output, Partition, Record

FIRST, SECOND = Partition("features", 0), Partition("features", 1)
LETTER = Message("dead", None, None)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def output(partition: Partition, items: int, dead: int, timestamp: int) -> Output[str]:
    origin = Record(partition, 0, timestamp, None, None)
    return Output(((origin, "row"),) * items, ((origin, LETTER),) * dead, items + dead, items + dead)


def test_a_turn_is_counted(registry: CollectorRegistry) -> None:
    metrics = StageMetrics(registry)
    outputs = {FIRST: output(FIRST, 3, 1, timestamp=0), SECOND: output(SECOND, 2, 0, timestamp=0)}
    metrics.account(Settled(outputs, {}, [False, False, False, True, False, False]))
    with metrics.handling(), metrics.committing():
        pass
    value = registry.get_sample_value
    assert value("octroi_records_consumed_total", {"topic": "features"}) == 6
    assert value("octroi_items_produced_total") == 5
    assert value("octroi_dead_letters_total", {"topic": "features"}) == 1
    assert (value("octroi_batch_records_count"), value("octroi_batch_records_sum")) == (1, 6)
    assert value("octroi_handler_seconds_count") == value("octroi_commit_seconds_count") == 1
    assert value("octroi_age_seconds_count") == value("octroi_age_seconds_bucket", {"le": "+Inf"}) == 1
    assert value("octroi_age_seconds_bucket", {"le": "60.0"}) == 0


def test_a_turn_without_records_is_none(registry: CollectorRegistry) -> None:
    metrics = StageMetrics(registry)
    metrics.account(Settled({}, {}, []))
    assert registry.get_sample_value("octroi_batch_records_count") == 0
    assert registry.get_sample_value("octroi_age_seconds_count") == 0


def test_the_lag_is_of_the_partitions_that_are_assigned_now(registry: CollectorRegistry) -> None:
    metrics = StageMetrics(registry)
    metrics.lag({FIRST: 7, SECOND: 9})
    metrics.lag({SECOND: 0})
    assert registry.get_sample_value("octroi_lag_records", {"topic": "features", "partition": "1"}) == 0
    assert registry.get_sample_value("octroi_lag_records", {"topic": "features", "partition": "0"}) is None
