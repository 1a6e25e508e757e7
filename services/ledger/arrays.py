"""Columns of a batch as PostgreSQL's binary arrays, the cheapest way to hand it many rows in one statement.

The form is that of array_send in PostgreSQL's src/backend/utils/adt/arrayfuncs.c: dimensions, whether there
are nulls, type of the elements, length, first index; then each element's bytes after their number, or -1.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import adapters
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

BYTEA, BIGINT, TEXT, DOUBLE, TIMESTAMPTZ = 17, 20, 25, 701, 1184
"""Object ids of the elements' types in pg_type, the same in every PostgreSQL."""
NULL = struct.pack("!i", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_header = struct.Struct("!iiIii").pack
_whole = struct.Struct("!iq").pack
_real = struct.Struct("!id").pack


class Array(bytes):
    """A binary array, ready to be sent."""

    __slots__ = ()


class ArrayDumper(Dumper):
    """Hands arrays to psycopg as they are; the cast in the statement says which type they have."""

    format = Format.BINARY

    def dump(self, obj: Array) -> Array:
        """Return the array."""
        return obj


def array_adapters() -> AdaptersMap:
    """Return psycopg's ways to write values, and this one of arrays."""
    known = AdaptersMap(adapters)
    known.register_dumper(Array, ArrayDumper)
    return known


class _Elements(dict[str | None, bytes]):
    """Texts as elements, each made once: most columns repeat a few words."""

    def __missing__(self, text: str | None) -> bytes:
        # U+0000 is the one character that PostgreSQL's texts have no room for.
        element = NULL if text is None else _bytes(text.replace("\0", "").encode())
        self[text] = element
        return element


def texts(column: Sequence[str | None]) -> Array:
    """Return text[]."""
    elements = _Elements()
    return _array(TEXT, [elements[text] for text in column])


def wholes(column: Sequence[int | None]) -> Array:
    """Return bigint[]."""
    return _array(BIGINT, [NULL if number is None else _whole(8, number) for number in column])


def reals(column: Sequence[float]) -> Array:
    """Return double precision[]."""
    return _array(DOUBLE, [_real(8, number) for number in column])


def moments(column: Sequence[datetime]) -> Array:
    """Return timestamptz[]."""
    return _array(TIMESTAMPTZ, [_whole(8, (moment - EPOCH) // MICROSECOND) for moment in column])


def byte_strings(column: Iterable[bytes]) -> Array:
    """Return bytea[]."""
    return _array(BYTEA, map(_bytes, column))


BY_TYPE: dict[Any, Callable[[Any], Array]] = {
    str: texts,
    str | None: texts,
    int: wholes,
    int | None: wholes,
    float: reals,
    datetime: moments,
    bytes: byte_strings,
}
"""How a column is made, by the type of the rows' field."""


def _bytes(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


def _array(element_type: int, elements: Iterable[bytes]) -> Array:
    listed = list(elements)
    return Array(b"".join((_header(1, 1, element_type, len(listed), 1), *listed)))
