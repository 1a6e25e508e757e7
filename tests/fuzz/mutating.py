"""Records that are nearly right: bytes, JSON, headers, keys and times changed by chance, from a seed."""

import re
from collections.abc import Callable
from random import Random
from typing import Final

from services.contracts.codec import LARGEST_EVENT
from services.kit.records import Headers, Record

NUMBERS: Final = (
    *(b"1e400", b"-1e400", b"1e-400", b"-0", b"-0.0", b"NaN", b"Infinity", b"-Infinity", b"1e5", b"1E+2"),
    *(b"9" * 10_000, b"0." + b"1" * 10_000, b"9223372036854775808", b"-9223372036854775809", b"2147483648"),
    *(b"340282356779733661637539395458142568448", b"01", b"+1", b".5", b"5.", b"1_000", b"true", b"null"),
)
TEXTS: Final = (
    *(
        b'""',
        b'"\\u0000"',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xff\xfe"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
    ),
    *(b'"' + b"x" * 300 + b'"', b'"XNA"', b'"\xe2\x80\xae"', b'"\xef\xbb\xbf"', b'"\\n"', b'"=1+1"', b"'a'"),
    *(b'"2026-02-30T00:00:00Z"', b'"9999-12-31T23:59:60Z"', b'"0000-00-00"', b'"1e9"', b'"2026-03-31T09:30"'),
)
PLACES: Final = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"[" * 2_000,
    b'{"a":' * 2_000,
    b"[[]]",
    b"\x00",
    b"\xef\xbb\xbf",
)
NUMBER: Final = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?")
TEXT: Final = re.compile(rb'"[^"\\]*"')
MEMBER: Final = re.compile(rb'"[^"\\]*":\s*("[^"\\]*"|[^,{}\[\]"]+)')
LENGTHS: Final = (1, 70, 5_000, LARGEST_EVENT)
FURTHER: Final = (b"0", b'""', b"[{}]", b'{"a":{"b":[null]}}')
HEADERS: Final = (
    "ce_type",
    "ce_id",
    "ce_requestid",
    "octroi_attempt",
    "octroi_origin_offset",
    "octroi_failed_at",
)
VALUES: Final = (
    b"",
    b"\xff\xfe",
    b"x" * 5_000,
    b"9" * 30,
    b"\x00",
    b"-1",
    b"io.octroi.Other.v1",
    b"9999-12-31",
)
TIMES: Final = (0, -1, -(2**63), 2**63 - 1, 253_402_300_800_000)
Change = Callable[[bytes, Random], bytes]


def mutated(record: Record, random: Random) -> Record:
    """Return the record with some of it changed: most often the value, now and then the rest."""
    value = record.value or b""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        value = random.choice(CHANGES)(value, random)
    changed = record._replace(value=value)
    match random.randrange(20):
        case 0:
            return changed._replace(headers=_headers(record.headers, random))
        case 1:
            return changed._replace(key=random.choice((None, b"", b"\xff", b"k" * 500)))
        case 2:
            return changed._replace(timestamp=random.choice(TIMES))
        case 3:
            return changed._replace(value=random.choice((None, b"")))
    return changed


def _headers(headers: Headers, random: Random) -> Headers:
    added = (random.choice(HEADERS), random.choice(VALUES))
    kept = tuple(header for header in headers if random.random() < 0.8)
    return (added, *kept) if random.random() < 0.5 else (*kept, added)


def _flip(value: bytes, random: Random) -> bytes:
    if not value:
        return value
    place = random.randrange(len(value))
    return value[:place] + bytes((value[place] ^ 1 << random.randrange(8),)) + value[place + 1 :]


def _insert(value: bytes, random: Random) -> bytes:
    place = random.randint(0, len(value))
    return value[:place] + random.randbytes(random.choice((1, 1, 2, 8))) + value[place:]


def _cut(value: bytes, random: Random) -> bytes:
    begin, end = _slice(value, random)
    return value[:begin] + value[end:]


def _repeat(value: bytes, random: Random) -> bytes:
    begin, end = _slice(value, random)
    return value[:end] + value[begin:]


def _end_early(value: bytes, random: Random) -> bytes:
    return value[: random.randint(0, len(value))]


def _slice(value: bytes, random: Random) -> tuple[int, int]:
    begin = random.randint(0, len(value))
    return begin, min(len(value), begin + random.choice((1, 2, 10, 100)))


def _number(value: bytes, random: Random) -> bytes:
    return _instead(NUMBER, random.choice(NUMBERS), value, random)


def _text(value: bytes, random: Random) -> bytes:
    return _instead(TEXT, random.choice(TEXTS), value, random)


def _place(value: bytes, random: Random) -> bytes:
    return _instead(random.choice((NUMBER, TEXT)), random.choice(PLACES), value, random)


def _member_twice(value: bytes, random: Random) -> bytes:
    found = _any(MEMBER, value, random)
    return value[: found.end()] + b"," + found[0] + value[found.end() :] if found else value


def _further_member(value: bytes, random: Random) -> bytes:
    """Give an object a member that no contract knows, up to the largest event that there may be."""
    begins = value.find(b"{", random.randint(0, len(value))) + 1
    room = max(0, LARGEST_EVENT - len(value) - random.randrange(1_000))
    name = b"x" * min(random.choice(LENGTHS), room)
    member = b'"' + name + b'":' + random.choice(FURTHER) + b","
    return value[:begins] + member + value[begins:] if begins else value


def _instead(pattern: re.Pattern[bytes], new: bytes, value: bytes, random: Random) -> bytes:
    found = _any(pattern, value, random)
    return value[: found.start()] + new + value[found.end() :] if found else value


def _any(pattern: re.Pattern[bytes], value: bytes, random: Random) -> re.Match[bytes] | None:
    """Return the first find behind a place taken by chance."""
    return pattern.search(value, random.randint(0, len(value)))


CHANGES: Final[tuple[Change, ...]] = (
    *(_flip, _insert, _cut, _repeat, _end_early),
    *(_number, _text, _place, _member_twice, _further_member),
)
