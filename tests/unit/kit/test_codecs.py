"""Batches on Kafka: ours are packed where that pays, others' are unpacked within bounds."""

import zlib
from collections.abc import Callable, Iterator

import cramjam
import pytest
import zstandard
from aiokafka import codec
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record._crecords import default_records
from aiokafka.record.memory_records import MemoryRecords

from services.kit.codecs import LARGEST_UNPACKED, UnreadableBatchError, pack_batches_so

ZSTD = 4
Pack = Callable[[bytes], bytes]


def gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(data) + packer.flush()


def streamed(data: bytes) -> bytes:
    """Pack as Java does: the head does not say how much there is."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(data) + packer.flush()


PACKS: dict[str, tuple[Pack, ...]] = {
    "zstd_decode": (zstandard.ZstdCompressor().compress, streamed),
    "gzip_decode": (gzipped, codec.gzip_encode),
    "lz4_decode": (codec.lz4_encode, lambda data: bytes(cramjam.lz4.compress(data))),
    "snappy_decode": (codec.snappy_encode, lambda data: codec.snappy_encode(data, xerial_compatible=False)),
}
EVERY = [
    pytest.param(name, pack, id=f"{name}-{number}")
    for name, packs in PACKS.items()
    for number, pack in enumerate(packs)
]


@pytest.fixture(autouse=True)
def _ours() -> Iterator[None]:
    names = ("zstd_encode", *PACKS)
    theirs = {name: getattr(default_records, name) for name in names}
    pack_batches_so()
    yield
    for name, function in theirs.items():
        setattr(default_records, name, function)


def batch(values: list[bytes]) -> bytes:
    builder = BatchBuilder(1_000_000, ZSTD, is_transactional=False)
    for value in values:
        builder.append(timestamp=0, key=None, value=value, headers=[])
    return bytes(builder._build())  # noqa: SLF001 - what the client sends


def read(sent: bytes) -> tuple[int, list[bytes | None]]:
    first = MemoryRecords(sent).next_batch()
    assert first is not None
    packed_by = first.compression_type
    return packed_by, [record.value for record in first]


def test_what_is_sent_is_packed_and_read_again() -> None:
    values = [b"value %d" % n for n in range(1000)]
    sent = batch(values)
    assert read(sent) == (ZSTD, values)
    assert len(sent) < sum(map(len, values)) / 2


@pytest.mark.parametrize(("name", "pack"), EVERY)
def test_what_others_have_packed_is_read(name: str, pack: Pack) -> None:
    data = b"an application " * 10_000
    assert bytes(getattr(default_records, name)(pack(data))) == data


@pytest.mark.parametrize(("name", "pack"), EVERY)
def test_all_up_to_the_bound_is_read(name: str, pack: Pack) -> None:
    assert len(getattr(default_records, name)(pack(bytes(LARGEST_UNPACKED)))) == LARGEST_UNPACKED


@pytest.mark.parametrize(("name", "pack"), EVERY)
def test_what_would_become_more_is_not_unpacked(name: str, pack: Pack) -> None:
    with pytest.raises(UnreadableBatchError, match=str(LARGEST_UNPACKED)):
        getattr(default_records, name)(pack(bytes(LARGEST_UNPACKED + 1)))


@pytest.mark.parametrize(("name", "pack"), EVERY)
def test_what_is_damaged_is_told_as_that(name: str, pack: Pack) -> None:
    with pytest.raises(UnreadableBatchError):
        getattr(default_records, name)(bytes(pack(b"an application " * 10_000))[:-40])
