"""How batches on Kafka are packed: ours by lz4, and what others have packed is unpacked within bounds.

The client packs by lz4 at its highest level, which costs ten times as much for a little less. And it takes
whatever comes out of a batch: of the 8 MB that Kafka accepts that can be 30 GB.
"""

import mmap
import struct
from collections.abc import Callable, Mapping

import cramjam
from aiokafka import codec

LEVEL = 1
LARGEST_UNPACKED = 32 * 1024 * 1024
"""Bytes of one batch. Clients make them of a megabyte at most unless told to; Java's count packed ones."""
XERIAL_HEAD = 16
Codec = Callable[[bytes], bytes]
Into = Callable[[bytes, memoryview], int]


class UnreadableBatchError(Exception):
    """A batch that cannot be unpacked. It says why."""


def codecs() -> Mapping[str, Codec]:
    """Return what packs and unpacks batches, by the client's names. They are not made for several threads."""
    # Memory that nothing was written to is not taken: it grows to the largest batch that came.
    room = memoryview(mmap.mmap(-1, LARGEST_UNPACKED))
    return {
        "lz4_encode": lambda batch: codec.lz4_encode(batch, LEVEL),
        "lz4_decode": _within(room, cramjam.lz4.decompress_into),
        "zstd_decode": _within(room, cramjam.zstd.decompress_into),
        "gzip_decode": _within(room, cramjam.gzip.decompress_into),
        "snappy_decode": _within(room, _snappy),
    }


def _within(room: memoryview, unpack: Into) -> Codec:
    """Return what unpacks a batch, and raises UnreadableBatchError, and nothing else, where it cannot."""

    def unpacked(packed: bytes) -> bytes:
        try:
            return bytes(room[: unpack(packed, room)])
        except (cramjam.DecompressionError, struct.error) as error:
            raise UnreadableBatchError(f"they do not unpack to at most {len(room)} bytes") from error

    return unpacked


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
