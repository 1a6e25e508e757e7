"""Everything that reads events, each with an event of every kind that it reads."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from services.contracts.application import LoanApplication
from services.contracts.codec import ContractError, attribute, decode, decode_fast
from services.contracts.event import Event
from services.contracts.examples import APPLICATION, EXAMPLES
from services.contracts.schemas import contract_name
from services.contracts.topics import APPLICATIONS, CATALOGUES, DEAD_LETTERS, DECISIONS, TOPICS
from services.contracts.vector import pack
from services.feature.handler import FeatureHandler
from services.gateway.arrivals import Arrived
from services.kit.dead_letters import DeadLetterOffice
from services.kit.records import Emit, Handler, Partition, Record, Reject
from services.ledger.handler import LedgerHandler
from services.monitoring.champion import Champion
from services.monitoring.observations import MonitoringHandler
from services.scorecard.catalogue import Catalogue
from services.scorecard.columns import columns_of
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scoring.catalogues import Catalogues
from tests.models import scoring_handler, small_bundle

NOW = datetime(2026, 3, 31, 9, 30, 5, tzinfo=UTC)
MILLISECONDS = int(NOW.timestamp() * 1000)


@dataclass(frozen=True)
class Reader:
    """A way to read records, as a stage's handler, and the records that it is for."""

    name: str
    handler: Handler[Any]
    records: Sequence[Record]
    write: Callable[[Sequence[Any]], Awaitable[None]] | None = None
    """Where the items go that the handler makes; nowhere without."""


def readers(champion: Champion) -> list[Reader]:
    """Return all; monitoring's champion must watch something."""
    monitoring = MonitoringHandler(champion)
    records = _of(_examples(standard_catalogue()), monitoring.topics)
    return [*plain_readers(), Reader("monitoring", monitoring, records)]


def plain_readers() -> list[Reader]:
    """Return all that need no champion."""
    catalogue = standard_catalogue()
    examples = _examples(catalogue)
    feature = FeatureHandler(catalogue, now=lambda: NOW, count_unknown=lambda _: None)
    scoring = scoring_handler(ready(small_bundle(), load_policy(), catalogue), catalogue, lambda: NOW)
    ledger = LedgerHandler()
    return [
        Reader("feature", feature, examples[APPLICATIONS.name]),
        Reader("scoring", scoring, _of(examples, scoring.topics)),
        Reader("ledger", ledger, _of(examples, ledger.topics)),
        *(Reader(f"decode {name}", *decoding) for name, decoding in _decoders(examples).items()),
        Reader("catalogues", _taking(Catalogues(catalogue).take), examples[CATALOGUES.name]),
        Reader("decisions awaited", _taking(_awaited), examples[DECISIONS.name]),
    ]


def ledger_reader(write: Callable[[Sequence[Any]], Awaitable[None]]) -> Reader:
    """Return the ledger's, with a way to keep its rows."""
    handler = LedgerHandler()
    return Reader("ledger kept", handler, _of(_examples(standard_catalogue()), handler.topics), write)


def _examples(catalogue: Catalogue) -> Mapping[str, Sequence[Record]]:
    """Return records by topic, also of dead letters, and of vectors that can be decided on."""
    [vector] = pack(catalogue.compute(columns_of([LoanApplication.model_validate(APPLICATION)])))
    read = {"vector": vector, "catalogue_version": catalogue.version}
    found = {
        topic.name: [
            _record(topic.name, event, example | changes)
            for event in topic.events
            for example in EXAMPLES[contract_name(event)]
            for changes in _variants(example, read)
        ]
        for topic in TOPICS
    }
    office = DeadLetterOffice(DEAD_LETTERS.name, "feature", lambda: NOW)
    letters = [
        office.letter(record, "application.AMT_CREDIT: Field required") for record in found[APPLICATIONS.name]
    ]
    dead = [
        Record(Partition(letter.topic, 0), 0, MILLISECONDS, letter.key, letter.value, letter.headers)
        for letter in letters
    ]
    return {**found, DEAD_LETTERS.name: dead}


def _variants(example: Mapping[str, Any], vector: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Return changes to an example: a vector of this catalogue, a trial that is still waited for."""
    if "vector" in example:
        return {}, vector
    return ({}, {"asked_at": NOW.isoformat()}) if "asked_at" in example else ({},)


def _record(topic: str, event: type[Event], example: Mapping[str, Any]) -> Record:
    headers = (("ce_id", b"e-1"), ("ce_type", event.event_type().encode()), ("ce_requestid", b"r-1"))
    return Record(Partition(topic, 0), 0, MILLISECONDS, b"key", orjson.dumps(example), headers)


def _decoders(examples: Mapping[str, Sequence[Record]]) -> dict[str, tuple[Handler[Event], list[Record]]]:
    """Return what decodes each kind of event, and records of that kind, by its name."""
    return {
        event.__name__: (
            partial(_decoded, event),
            [
                each
                for each in examples[topic.name]
                if event.event_type() == attribute(each.headers, "ce_type")
            ],
        )
        for topic in TOPICS
        for event in topic.events
    }


def _of(examples: Mapping[str, Sequence[Record]], topics: Sequence[str]) -> list[Record]:
    return [record for topic in topics for record in examples[topic]]


def _decoded(event: type[Event], records: Sequence[Record]) -> list[Emit[Event] | Reject]:
    """Read an event by both readers, which must agree whether it is one."""
    results: list[Emit[Event] | Reject] = []
    for record in records:
        read, error = _tried(decode, event, record)
        _, fast_error = _tried(decode_fast, event, record)
        assert error == fast_error, f"{event.__name__}: the readers disagree on {record}"
        results.append(Reject(error) if read is None else Emit((read,)))
    return results


def _tried(reader: Callable[..., Event], event: type[Event], record: Record) -> tuple[Event | None, str]:
    try:
        return reader(event, record.value, record.headers), ""
    except ContractError as error:
        return None, str(error)


def _taking(take: Callable[[Record], object]) -> Handler[Any]:
    """Read as those do that follow a topic: what cannot be read is logged and passed over."""

    def handler(records: Sequence[Record]) -> list[Emit[Any]]:
        for record in records:
            take(record)
        return [Emit()] * len(records)

    return handler


def _awaited(record: Record) -> None:
    Arrived(record.value, record.headers).decision()
