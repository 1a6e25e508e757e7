"""How batches on Kafka are packed: ours by zstd, and what others have packed is unpacked within bounds.

The client makes its tables anew for every batch: one record costs its writer 24 microseconds where they are
kept 8, and its reader 18 and not 4. And it takes whatever comes out: of the 8 MB that Kafka accepts that can
be 30 GB.
"""

import zlib
from collections.abc import Callable

import cramjam
import numpy as np
from aiokafka.record._crecords import default_records
from zstandard import (
    CONTENTSIZE_ERROR,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    get_frame_parameters,
)

LEVEL = 1
LARGEST_UNPACKED = 8 * 1024 * 1024 + 64 * 1024
"""Bytes of one batch: as the largest record that a topic takes, so that each can become a dead letter.
Clients put at most one megabyte into a batch unless they are told to."""
TOO_LARGE = f"it does not unpack to at most {LARGEST_UNPACKED} bytes"


class UnreadableBatchError(Exception):
    """A batch that cannot be unpacked. It says why."""


def pack_batches_so() -> None:
    """Let the client pack and unpack by these: there is no setting for it."""
    default_records.zstd_encode = ZstdCompressor(level=LEVEL).compress
    default_records.zstd_decode = bounded(_zstd(ZstdDecompressor()))
    default_records.lz4_decode = bounded(_lz4)
    default_records.gzip_decode = bounded(_gzip)
    default_records.snappy_decode = bounded(default_records.codecs.snappy_decode)


def bounded(unpack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Return `unpack` so that it raises UnreadableBatchError, and nothing else, for what it cannot unpack."""

    def unpacked(packed: bytes) -> bytes:
        try:
            batch = unpack(packed)
        except (ZstdError, zlib.error, cramjam.DecompressionError, ValueError) as error:
            raise UnreadableBatchError(TOO_LARGE) from error
        if len(batch) > LARGEST_UNPACKED:
            raise UnreadableBatchError(TOO_LARGE)
        return batch

    return unpacked


def _zstd(unpacker: ZstdDecompressor) -> Callable[[bytes], bytes]:
    def unpack(packed: bytes) -> bytes:
        # What the head says is taken for granted otherwise, and room made for it.
        said = get_frame_parameters(packed).content_size
        if LARGEST_UNPACKED < said < CONTENTSIZE_ERROR:
            raise ValueError(said)
        return unpacker.decompress(packed, max_output_size=LARGEST_UNPACKED)

    return unpack


def _lz4(packed: bytes) -> bytes:
    room = np.empty(LARGEST_UNPACKED, np.uint8)  # Memory that is not written to is not taken.
    return room[: cramjam.lz4.decompress_into(packed, room.data)].tobytes()


def _gzip(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = unpacker.decompress(packed, LARGEST_UNPACKED)
    if not unpacker.eof:
        raise ValueError(len(unpacked))
    return unpacked
