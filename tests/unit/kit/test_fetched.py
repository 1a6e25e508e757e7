"""What the client has fetched is let go of without waiting for a collection of garbage."""

import gc
from collections.abc import Iterator
from unittest.mock import Mock
from weakref import ref

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record._crecords import default_records
from aiokafka.record.memory_records import MemoryRecords

from services.kit.codecs import UnreadableBatchError
from services.kit.fetched import Fetched

TARGET = TopicPartition("loan.features.v1", 0)
RECORDS = 3
ZSTD = 4


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def batch(says: bytes, *, start: int = 0, codec: int = 0) -> bytes:
    builder = BatchBuilder(10_000, codec, is_transactional=False)
    for number in range(RECORDS):
        builder.append(timestamp=0, key=None, value=b"%s %d" % (says, number), headers=[])
    sent = bytes(builder._build())  # noqa: SLF001 - what the client sends
    # Kafka says where it stands.
    return start.to_bytes(8, "big") + sent[8:]


def records(*batches: bytes) -> PartitionRecords:
    read = MemoryRecords(b"".join(batches or (batch(b"value"),)))
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
    assert [record.value for record in partition_records] == [b"value 0", b"value 1", b"value 2"]
    assert partition_records.next_fetch_offset == RECORDS


def test_a_batch_that_cannot_be_unpacked_is_one_record_that_no_contract_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpack = Mock(side_effect=UnreadableBatchError("it is a bomb"))
    monkeypatch.setattr(default_records, "zstd_decode", unpack)
    fetched, partition_records = (
        Fetched(),
        records(batch(b"first", codec=ZSTD), batch(b"last", start=RECORDS)),
    )
    fetched[TARGET] = result(partition_records)
    instead, *rest = partition_records
    assert instead.offset == RECORDS - 1
    assert b"offsets 0 to 2 is left out: it is a bomb" in instead.value
    assert [(record.offset, record.value) for record in rest] == [
        (RECORDS + n, b"last %d" % n) for n in range(3)
    ]
    assert partition_records.next_fetch_offset == 2 * RECORDS


def test_an_error_is_kept_as_it_is() -> None:
    error = FetchError(error=ValueError(), backoff=0)
    assert Fetched({TARGET: error})[TARGET] is error
