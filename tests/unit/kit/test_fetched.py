"""What was fetched is let go of at once, kept within bounds, and read on after what cannot be read."""

import gc
from collections.abc import Iterator
from types import SimpleNamespace
from unittest.mock import Mock
from weakref import ref

import pytest
from aiokafka import TopicPartition
from aiokafka.codec import lz4_encode
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record import default_records as slower_records
from aiokafka.record._crecords import default_records

from services.kit.codecs import Unpacked, UnreadableBatchError, codecs
from services.kit.fetched import (
    AT_ONCE,
    LARGEST_RECORD,
    MOST_HEADERS,
    FetchResult,
    PartitionRecords,
    fetch_result,
    one_turn,
)
from services.kit.foreign_names import KeptRecords
from services.kit.records import UNREADABLE

TARGET = TopicPartition("loan.features.v1", 0)
RECORDS = 3
NONE, LZ4, ZSTD = 0, 3, 4
READ_COMMITTED = 1


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def batch(
    *values: bytes,
    start: int = 0,
    codec: int = NONE,
    header: str = "",
    headers: int = 1,
    text: bytes = b"",
    key: bytes | None = None,
) -> bytes:
    builder = BatchBuilder(100_000_000, codec, is_transactional=False)
    for value in values:
        builder.append(
            timestamp=0, key=key, value=value, headers=[(header, text)] * headers if header else []
        )
    sent = bytes(builder._build())  # noqa: SLF001 - what the client sends
    # Kafka says where it stands.
    return start.to_bytes(8, "big") + sent[8:]


def values(says: str) -> list[bytes]:
    return [f"{says} {number}".encode() for number in range(RECORDS)]


def records(*batches: bytes, start: int = 0) -> PartitionRecords:
    return PartitionRecords(
        TARGET, KeptRecords(b"".join(batches)), [], start, None, None, False, READ_COMMITTED
    )


def result(partition_records: PartitionRecords, unpacked: Unpacked | None = None) -> FetchResult:
    state = SimpleNamespace(position=partition_records.next_fetch_offset, paused=False)

    def consumed_to(position: int) -> None:
        state.position = position

    state.consumed_to = consumed_to
    assignment = SimpleNamespace(active=True, state_value=lambda _: state)
    kind = fetch_result(unpacked or Unpacked())
    return kind(TARGET, assignment=assignment, partition_records=partition_records, backoff=0)


@pytest.mark.parametrize("read", range(RECORDS))
def test_what_was_read_in_part_is_gone_once_it_is_dropped(read: int) -> None:
    partition_records = records(batch(*values("value")))
    fetched = {TARGET: result(partition_records)}
    for _ in range(read):
        next(partition_records)
    watched = ref(partition_records)
    del partition_records
    assert watched() is not None
    del fetched[TARGET]
    assert watched() is None


def test_so_many_records_are_read_as_are_asked_for_and_then_the_rest() -> None:
    fetched = result(records(batch(*values("value"))))
    assert [record.value for record in fetched.getall(2)] == [b"value 0", b"value 1"]
    assert fetched.has_more()
    assert [record.value for record in fetched.getall()] == [b"value 2"]
    assert not fetched.has_more()
    assert fetched._assignment.state_value(TARGET).position == RECORDS  # noqa: SLF001


def test_only_so_many_bytes_are_read_at_once() -> None:
    large = bytes(LARGEST_RECORD)
    fetched = result(records(batch(*[large] * 6)))
    assert len(fetched.getall(100)) == AT_ONCE // LARGEST_RECORD + 1
    assert len(fetched.getall(100)) == 1
    assert not fetched.has_more()


def test_the_partitions_of_a_turn_share_their_room() -> None:
    large = bytes(LARGEST_RECORD)
    fetched = [result(records(batch(*[large] * 3))) for _ in range(3)]
    with one_turn() as room:
        assert [len(each.getall(100)) for each in fetched] == [3, 2, 0]
        assert room.left < 0
    assert [each.has_more() for each in fetched] == [False, True, True]
    with one_turn():
        assert [len(each.getall(100)) for each in fetched[1:]] == [1, 3]


def test_who_reads_in_no_turn_has_room_for_each_partition() -> None:
    fetched = [result(records(batch(*[bytes(LARGEST_RECORD)] * 4))) for _ in range(2)]
    assert [len(each.getall(100)) for each in fetched] == [4, 4]


def test_what_headers_take_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked, large = Unpacked(), bytes(AT_ONCE // 2)
    monkeypatch.setattr(default_records, "lz4_decode", codecs(unpacked)["lz4_decode"])
    batches = [batch(b"small", start=n, codec=LZ4, header="x", text=large) for n in range(4)]
    fetched = result(records(*batches), unpacked)
    assert [len(fetched.getall(100)) for _ in range(2)] == [2, 2]


def test_a_record_with_too_many_headers_is_told_by_one_in_its_place() -> None:
    fetched = result(
        records(
            batch(b"some", header="x", headers=MOST_HEADERS),
            batch(b"many", start=1, header="x", headers=MOST_HEADERS + 1),
        )
    )
    some, many = fetched.getall()
    assert (some.value, len(some.headers)) == (b"some", MOST_HEADERS)
    assert (many.offset, many.value) == (1, b"it has 101 headers, more than 100")


def test_a_batch_that_cannot_be_unpacked_is_one_record_and_those_behind_it_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpack = Mock(side_effect=UnreadableBatchError("it is a bomb"))
    monkeypatch.setattr(default_records, "zstd_decode", unpack)
    bomb, good = batch(*values("first"), codec=ZSTD), batch(*values("last"), start=RECORDS)
    partition_records = records(bomb, good)
    instead, *rest = partition_records
    assert instead.offset == RECORDS - 1
    assert dict(instead.headers) == {UNREADABLE: b"offsets 0 to 2 are left out: it is a bomb"}
    assert [record.value for record in rest] == values("last")
    assert partition_records.next_fetch_offset == 2 * RECORDS


def test_who_begins_within_such_a_batch_goes_on_behind_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_records, "zstd_decode", Mock(side_effect=UnreadableBatchError("a bomb")))
    (instead,) = records(batch(*values("first"), codec=ZSTD), start=1)
    assert (instead.offset, instead.value) == (RECORDS - 1, b"offsets 1 to 2 are left out: a bomb")


@pytest.mark.parametrize("codec", [NONE, LZ4])
def test_a_header_whose_name_is_not_text_costs_no_record(codec: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, ours in codecs(Unpacked()).items():
        monkeypatch.setattr(slower_records, name, ours)
    # What the builder packs it cannot be told to name otherwise.
    monkeypatch.setattr(
        default_records, "lz4_encode", lambda given: lz4_encode(given.replace(b"xyz", b"x\xff\xfe"))
    )
    foreign = batch(*values("first"), header="xyz", text=b"1", codec=codec).replace(b"xyz", b"x\xff\xfe")
    read = records(foreign, batch(*values("last"), start=RECORDS))
    found = list(read)
    assert [record.value for record in found] == values("first") + values("last")
    assert [record.offset for record in found] == list(range(2 * RECORDS))
    assert found[0].headers == (("x\\xff\\xfe", b"1"),)
    assert read.next_fetch_offset == 2 * RECORDS


def test_who_begins_within_such_a_batch_has_what_stands_behind() -> None:
    foreign = batch(*values("first"), header="xyz").replace(b"xyz", b"x\xff\xfe")
    found = list(records(batch(*values("none")), start=RECORDS)) + list(records(foreign, start=1))
    assert [record.value for record in found] == values("first")[1:]


@pytest.mark.parametrize(("key", "value"), [(b"", LARGEST_RECORD + 1), (bytes(LARGEST_RECORD), 1)])
def test_a_record_that_is_too_large_unpacked_is_told_by_one_in_its_place(key: bytes, value: int) -> None:
    fetched = result(records(batch(b"small", key=b"1"), batch(bytes(value), start=1, key=key)))
    small, large = fetched.getall()
    assert small.value == b"small"
    assert (large.offset, large.key, large.headers[0][0]) == (1, None, UNREADABLE)
    assert str(LARGEST_RECORD + 1).encode() in large.value
