"""Where bytes stop: events to records and back, with CloudEvents 1.0 attributes as headers (binary mode)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from services.contracts.event import Event, printable
from services.contracts.wire import UNREADABLE, reader, write

Headers = Sequence[tuple[str, bytes | None]]
E = TypeVar("E", bound=Event)

LARGEST_EVENT = Event.LARGEST
"""Bytes of an event that says no other limit."""
LONGEST_ATTRIBUTE = 256
"""Characters of a header's text that are read."""
ERRORS_SHOWN = 3


class ContractError(ValueError):
    """A record does not keep its contract; the message names the field and what it may hold."""


class Encoded(NamedTuple):
    """An event as Kafka takes it."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def encode(event: Event, *, event_id: str, source: str, request_id: str | None = None) -> Encoded:
    """Return `event`, or its wire form, as key, JSON value and CloudEvents headers.

    `source` with `event_id` is unique: a stage that repeats its work gives the same pair again.
    """
    subject = event.subject().encode()
    headers: tuple[tuple[str, bytes], ...] = (
        *_fixed(event.event_type(), source),
        ("ce_id", event_id.encode()),
        ("ce_subject", subject),
        ("ce_time", _written(time_ns() // 1_000_000)),
    )
    if request_id:
        headers += (("ce_requestid", request_id.encode()),)
    return Encoded(subject, write(event), headers)


@lru_cache
def _fixed(event_type: str, source: str) -> tuple[tuple[str, bytes], ...]:
    """Return the headers that are the same on all events of a stage."""
    return (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", event_type.encode()),
    )


@lru_cache(maxsize=1)
def _written(milliseconds: int) -> bytes:
    """Return a moment as text. Many events of a batch are written in the same millisecond."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").encode()


def decode(contract: type[E], value: bytes | None, headers: Headers = ()) -> E:
    """Return the event in `value`; the headers may be left out by a foreign producer.

    Raises ContractError for an empty, too large or unreadable value, another type or version, or a
    cell that is missing, of the wrong type or out of range.
    """
    value = _checked(contract, value, headers)
    try:
        return contract.model_validate_json(value)
    except ValidationError as error:
        raise ContractError(explain(error)) from None


def decode_fast(contract: type[E], value: bytes | None, headers: Headers = ()) -> E:
    """Return the event in `value` as `decode` does, for the most part in its wire form: see `wire_form`."""
    value = _checked(contract, value, headers)
    try:
        return reader(contract)(value)
    except UNREADABLE:
        return decode(contract, value, headers)


def decode_known(contract: type[E], value: bytes | None, headers: Headers = ()) -> E | None:
    """Return the wire form of the event in `value`, or None where it takes `decode` to tell what it is.

    Fields that the contract does not have are passed over: whatever they hold takes no memory. Raises
    ContractError for an empty or too large value, and for another type or version in the headers.
    """
    value = _checked(contract, value, headers)
    with suppress(*UNREADABLE):
        return reader(contract, skipping=True)(value)
    return None


def _checked(contract: type[Event], value: bytes | None, headers: Headers) -> bytes:
    if not value:
        raise ContractError("value: is empty, send the event as a JSON object")
    if len(value) > contract.LARGEST:
        raise ContractError(f"value: has {len(value)} bytes, at most {contract.LARGEST} are read")
    if contract.type_header() in headers:
        # Most records say so, once; where several headers do, it is enough that one is right.
        return value
    declared = attribute(headers, "ce_type")
    if declared is not None and declared != contract.event_type():
        raise ContractError(f"ce_type: is {declared[:80]}, expected {contract.event_type()} or no header")
    return value


def attribute(headers: Headers, name: str) -> str | None:
    """Return the text of header `name`, printable and of bounded length, or None where it is not there."""
    for key, value in headers:
        if key == name:
            return printable((value or b"").decode(errors="replace"), LONGEST_ATTRIBUTE)
    return None


def explain(error: ValidationError) -> str:
    """Return the first few errors as `field: what it may hold`, without the values, which may be personal."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['msg']}" for e in details[:ERRORS_SHOWN]]
    if len(details) > ERRORS_SHOWN:
        shown.append(f"and {len(details) - ERRORS_SHOWN} more")
    return "; ".join(shown)
