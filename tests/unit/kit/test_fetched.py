"""What the client has fetched is let go of without waiting for a collection of garbage."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from services.kit.consumer import Fetched

TARGET = TopicPartition("loan.features.v1", 0)
RECORDS = 3


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def records() -> PartitionRecords:
    batch = BatchBuilder(10_000, 0, is_transactional=False)
    for number in range(RECORDS):
        batch.append(timestamp=0, key=None, value=b"%d" % number, headers=[])
    batch.close()
    read = MemoryRecords(bytes(batch._build()))  # noqa: SLF001 - what the client sends
    return PartitionRecords(TARGET, read, [], 0, None, None, True, 0)


def result(partition_records: PartitionRecords) -> FetchResult:
    return FetchResult(TARGET, assignment=None, partition_records=partition_records, backoff=0)


@pytest.mark.parametrize("read", range(RECORDS))
def test_what_was_read_in_part_is_gone_once_it_is_dropped(read: int) -> None:
    fetched, partition_records = Fetched(), records()
    fetched[TARGET] = result(partition_records)
    for _ in range(read):
        next(partition_records)
    watched = ref(partition_records)
    del partition_records
    assert watched() is not None
    del fetched[TARGET]
    assert watched() is None


def test_all_of_it_is_read_and_the_position_moves_on() -> None:
    fetched, partition_records = Fetched(), records()
    fetched[TARGET] = result(partition_records)
    assert [record.value for record in partition_records] == [b"0", b"1", b"2"]
    assert partition_records.next_fetch_offset == RECORDS


def test_an_error_is_kept_as_it_is() -> None:
    error = FetchError(error=ValueError(), backoff=0)
    assert Fetched({TARGET: error})[TARGET] is error
