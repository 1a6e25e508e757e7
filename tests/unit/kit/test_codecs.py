"""Batches on Kafka: ours are packed, others' are unpacked within bounds."""

import zlib
from collections.abc import Callable

import cramjam
import pytest
import zstandard
from aiokafka import codec
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from services.kit.codecs import LARGEST_UNPACKED, UnreadableBatchError, codecs

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
    return bytes(codecs()[name](packed))


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
    assert len(unpacked(name, pack(bytes(LARGEST_UNPACKED)))) == LARGEST_UNPACKED


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


def test_what_was_unpacked_stays_as_it_is_when_the_next_comes() -> None:
    unpack = codecs()["lz4_decode"]
    first, second = unpack(codec.lz4_encode(b"first" * 100)), unpack(codec.lz4_encode(b"other" * 100))
    assert (first, second) == (b"first" * 100, b"other" * 100)
