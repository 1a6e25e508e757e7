"""Batches on Kafka: ours are packed, others' are unpacked within bounds."""

import zlib
from collections.abc import Callable

import cramjam
import pytest
import zstandard
from aiokafka import codec
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from services.kit.codecs import LARGEST_UNPACKED, MOST_HEADERS, Unpacked, UnreadableBatchError, codecs

LZ4 = 3
Pack = Callable[[bytes], bytes]
DATA = b"an application " * 10_000


def gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(data) + packer.flush()


def streamed(data: bytes) -> bytes:
    """Pack as Java does: the head does not say how much there is."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(data) + packer.flush()


def raw_snappy(data: bytes) -> bytes:
    return bytes(codec.snappy_encode(data, xerial_compatible=False))


PACKS: dict[str, tuple[Pack, ...]] = {
    "zstd_decode": (zstandard.ZstdCompressor().compress, streamed),
    "gzip_decode": (gzipped, codec.gzip_encode),
    "lz4_decode": (codec.lz4_encode, lambda data: bytes(cramjam.lz4.compress(data))),
    "snappy_decode": (codec.snappy_encode, raw_snappy),
}
EVERY = pytest.mark.parametrize(
    ("name", "pack"),
    [
        pytest.param(name, pack, id=f"{name}-{number}")
        for name, packs in PACKS.items()
        for number, pack in enumerate(packs)
    ],
)


def unpacked(name: str, packed: bytes) -> bytes:
    return bytes(codecs(Unpacked())[name](packed))


def test_what_is_sent_is_packed_and_read_again() -> None:
    values = [b"application %d of the same client" % n for n in range(1000)]
    builder = BatchBuilder(1_000_000, LZ4, is_transactional=False)
    for value in values:
        builder.append(timestamp=0, key=None, value=value, headers=[])
    sent = bytes(builder._build())  # noqa: SLF001 - what the client sends
    batch = MemoryRecords(sent).next_batch()
    assert batch is not None
    assert batch.compression_type == LZ4
    assert [record.value for record in batch] == values
    assert len(sent) < sum(map(len, values)) / 2


@EVERY
def test_what_others_have_packed_is_read(name: str, pack: Pack) -> None:
    assert unpacked(name, pack(DATA)) == DATA


@EVERY
def test_all_up_to_the_bound_is_read(name: str, pack: Pack) -> None:
    content = records(1, LARGEST_UNPACKED - len(records(1, LARGEST_UNPACKED)) + LARGEST_UNPACKED)
    assert len(unpacked(name, pack(content))) == LARGEST_UNPACKED


@EVERY
def test_what_would_become_more_is_not_unpacked(name: str, pack: Pack) -> None:
    with pytest.raises(UnreadableBatchError, match=str(LARGEST_UNPACKED)):
        unpacked(name, pack(bytes(LARGEST_UNPACKED + 1)))


@EVERY
@pytest.mark.parametrize("left", [0, 4, -40, -5, -2, -1])
def test_what_is_cut_is_told_as_that(name: str, pack: Pack, left: int) -> None:
    with pytest.raises(UnreadableBatchError):
        unpacked(name, bytes(pack(DATA))[:left])


@EVERY
@pytest.mark.parametrize("more", [b"\0", b"abc", b"abcdefgh"])
def test_what_stands_behind_it_is_not_passed_over(name: str, pack: Pack, more: bytes) -> None:
    with pytest.raises(UnreadableBatchError):
        unpacked(name, bytes(pack(DATA)) + more)


@pytest.mark.parametrize("name", ["zstd_decode", "gzip_decode", "lz4_decode"])
def test_all_parts_are_read_where_there_are_several(name: str) -> None:
    for pack in PACKS[name]:
        assert unpacked(name, bytes(pack(DATA)) * 2) == DATA * 2


def records(headers: int, filling: int) -> bytes:
    """Return two records as they stand in a batch, the second with so many headers."""
    builder = BatchBuilder(2 * LARGEST_UNPACKED, 0, is_transactional=False)
    builder.append(timestamp=0, key=b"key", value=bytes(filling), headers=[("name", b"text")])
    builder.append(timestamp=70_000, key=None, value=None, headers=[("", None)] * headers)
    return bytes(builder._build())[61:]  # noqa: SLF001 - behind the batch's head


@EVERY
def test_a_large_batch_may_have_many_headers_but_not_millions(name: str, pack: Pack) -> None:
    good = records(MOST_HEADERS, 3_000_000)
    assert unpacked(name, pack(good)) == good
    with pytest.raises(UnreadableBatchError, match=f"more than {MOST_HEADERS} headers"):
        unpacked(name, pack(records(MOST_HEADERS + 1, 3_000_000)))


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 9_000])
def test_a_large_batch_whose_last_record_is_cut_is_unreadable(cut: int) -> None:
    content = records(MOST_HEADERS, 3_000_000)[:-cut]
    with pytest.raises(UnreadableBatchError, match="cut"):
        unpacked("zstd_decode", PACKS["zstd_decode"][0](content))


def test_a_large_batch_that_says_it_has_no_length_is_no_endless_work() -> None:
    with pytest.raises(UnreadableBatchError, match="longer than it says"):
        unpacked("zstd_decode", PACKS["zstd_decode"][0](bytes(3_000_000)))


def test_a_large_batch_with_a_number_that_has_no_end_is_no_endless_work() -> None:
    with pytest.raises(UnreadableBatchError, match="no end"):
        unpacked("zstd_decode", PACKS["zstd_decode"][0](b"\xff" * 3_000_000))


def test_what_is_unpacked_is_counted() -> None:
    count = Unpacked()
    codecs(count)["lz4_decode"](codec.lz4_encode(DATA))
    assert count.bytes == len(DATA)


def test_what_was_unpacked_stays_as_it_is_when_the_next_comes() -> None:
    unpack = codecs(Unpacked())["lz4_decode"]
    first, second = unpack(codec.lz4_encode(b"first" * 100)), unpack(codec.lz4_encode(b"other" * 100))
    assert (first, second) == (b"first" * 100, b"other" * 100)
