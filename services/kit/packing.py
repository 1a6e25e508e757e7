"""Applications as the ledger keeps them: zstandard, with a dictionary of what all of them have in common.

Each frame names its dictionary, so one that was ever written with stays here for good. Why:
docs/adr/0019-a-dictionary-for-applications.md.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, get_frame_parameters

NEWEST: Final = 32_769
"""Number of the dictionary to write with, of those that the format leaves to private use."""
LEVEL: Final = 1
"""zstandard: level 3 saves 4 % more of the bytes for an eighth more time."""
LARGEST: Final = 1024 * 1024
"""Bytes that are unpacked of a frame that does not say how many it holds: more than an event has."""


def packer() -> Callable[[bytes], bytes]:
    """Return what packs a record's value."""
    dictionary = _dictionary(NEWEST)
    dictionary.precompute_compress(level=LEVEL)
    return ZstdCompressor(level=LEVEL, dict_data=dictionary).compress


def unpacked(packed: bytes) -> bytes:
    """Return a record's value as it was packed, also before there was a dictionary, or by other tools.

    Raises LookupError for a dictionary that only a later version has.
    """
    return _unpacker(get_frame_parameters(packed).dict_id).decompress(packed, max_output_size=LARGEST)


@cache
def _unpacker(number: int) -> ZstdDecompressor:
    return ZstdDecompressor(dict_data=_dictionary(number) if number else None)


def _dictionary(number: int) -> ZstdCompressionDict:
    file = files("services.kit") / "dictionaries" / f"{number}.zdict"
    if not file.is_file():
        raise LookupError(f"dictionary {number} is unknown here: use the version of Octroi that wrote this")
    return ZstdCompressionDict(file.read_bytes())
