"""How batches on Kafka are packed: ours by lz4, and what others have packed is unpacked within bounds.

The client packs by lz4 at its highest level, which costs ten times as much for a little less. And it takes
whatever comes out of a batch: of the 8 MB that Kafka accepts that can be 30 GB.
"""

import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cramjam
from aiokafka import codec

LEVEL = 1
LARGEST_UNPACKED = 32 * 1024 * 1024
"""Bytes of one batch. Clients make them of a megabyte at most unless told to; Java's count packed ones."""
WALKED_FROM = 2 * 1024 * 1024
"""Bytes of a batch whose records are looked at first: a header may take two there, and 75 once it is read."""
LONGEST_SHIFT = 56
"""Bits before the last byte that a number of 64 bits may take but one."""
MOST_HEADERS = 10_000
"""Of a record in such a batch."""
XERIAL_HEAD = 16
Codec = Callable[[bytes], bytes]
Into = Callable[[bytes, memoryview], int]


class UnreadableBatchError(Exception):
    """A batch that cannot be unpacked. It says why."""


@dataclass
class Unpacked:
    """How much was unpacked so far."""

    bytes: int = 0


def codecs(count: Unpacked) -> Mapping[str, Codec]:
    """Return what packs and unpacks batches, by the client's names. They are not made for several threads."""
    # Memory that nothing was written to is not taken: it grows to the largest batch that came.
    room = memoryview(mmap.mmap(-1, LARGEST_UNPACKED))
    return {
        "lz4_encode": lambda batch: codec.lz4_encode(batch, LEVEL),
        "lz4_decode": _within(room, cramjam.lz4.decompress_into, count),
        "zstd_decode": _within(room, cramjam.zstd.decompress_into, count),
        "gzip_decode": _within(room, cramjam.gzip.decompress_into, count),
        "snappy_decode": _within(room, _snappy, count),
    }


def _within(room: memoryview, unpack: Into, count: Unpacked) -> Codec:
    """Return what unpacks a batch, and raises UnreadableBatchError, and nothing else, where it cannot."""

    def unpacked(packed: bytes) -> bytes:
        try:
            size = unpack(packed, room)
        except (cramjam.DecompressionError, struct.error) as error:
            raise UnreadableBatchError(f"they do not unpack to at most {len(room)} bytes") from error
        if size > WALKED_FROM and most_headers(room[:size]) > MOST_HEADERS:
            raise UnreadableBatchError(f"a record has more than {MOST_HEADERS} headers")
        count.bytes += size
        return bytes(room[:size])

    return unpacked


def most_headers(records: memoryview) -> int:
    """Return how many headers the record has that has most, without reading them.

    Raises UnreadableBatchError for what are no records (https://kafka.apache.org/documentation/#record).
    """
    most = place = 0
    try:
        while place < len(records):
            length, place = _varint(records, place)
            following = place + length
            _, place = _varint(records, place + 1)
            _, place = _varint(records, place)
            for _ in ("key", "value"):
                size, place = _varint(records, place)
                place += max(size, 0)
            headers, place = _varint(records, place)
            if following < place:
                raise UnreadableBatchError("a record is longer than it says")
            most, place = max(most, headers), following
    except IndexError:
        place = -1
    if place != len(records):
        raise UnreadableBatchError("the last record is cut")
    return most


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    """Return the number at a place, zigzag and seven bits a byte, and where it ends."""
    number = shift = 0
    while (byte := content[place]) & 0x80:
        if shift > LONGEST_SHIFT:
            raise UnreadableBatchError("a number has no end")
        number |= (byte & 0x7F) << shift
        shift += 7
        place += 1
    number |= byte << shift
    return (number >> 1) ^ -(number & 1), place + 1


def _snappy(packed: bytes, room: memoryview) -> int:
    """Unpack one block, as most clients write it, or many with a head, as Java does."""
    if not codec._detect_xerial_stream(packed):  # noqa: SLF001
        return cramjam.snappy.decompress_raw_into(packed, room)
    size, start = 0, XERIAL_HEAD
    while start < len(packed):
        (length,) = struct.unpack_from("!I", packed, start)
        end = start + 4 + length
        size += cramjam.snappy.decompress_raw_into(packed[start + 4 : end], room[size:])
        start = end
    return size
