"""A batch of applications in, a feature vector for each out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from services.contracts.codec import ContractError, attribute, decode_fast, encode
from services.contracts.event import RecordPosition
from services.contracts.events import FeaturesComputed, LoanApplicationSubmitted
from services.contracts.topics import FEATURES
from services.contracts.vector import pack
from services.contracts.wire import as_wire_form, wire_form
from services.kit.records import Emit, Message, Record, Reject
from services.scorecard.catalogue import Catalogue
from services.scorecard.columns import NOTHING_UNKNOWN, Unknown, columns_of, unknown_fields

SOURCE = "octroi/feature"


class Submitted(NamedTuple):
    """An application that waits for its batch to be computed."""

    record: Record
    event: LoanApplicationSubmitted
    further: Unknown
    """Its fields beyond the contract."""


class FeatureHandler:
    """Computes the catalogue's features of applications; refuses what breaks the contract."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        now: Callable[[], datetime],
        count_unknown: Callable[[Unknown], None],
    ) -> None:
        self._catalogue = catalogue
        self._now = now
        self._count_unknown = count_unknown
        self._features_computed = wire_form(FeaturesComputed)
        self._record_position = wire_form(RecordPosition)

    def __call__(self, records: Sequence[Record]) -> list[Emit[Message] | Reject]:
        """Return a FeaturesComputed for each application, or why it cannot be read."""
        read = [_read(record) for record in records]
        computed = iter(self._compute([each for each in read if isinstance(each, Submitted)]))
        return [next(computed) if isinstance(each, Submitted) else each for each in read]

    def _compute(self, submitted: Sequence[Submitted]) -> list[Emit[Message]]:
        if not submitted:
            return []
        columns = columns_of([each.event.application for each in submitted])
        vectors = pack(self._catalogue.compute(columns))
        now = self._now()
        emitted = []
        for row, ((record, event, further), vector) in enumerate(zip(submitted, vectors, strict=True)):
            unknown = columns.unknown.get(row, NOTHING_UNKNOWN)
            if further is not NOTHING_UNKNOWN:
                unknown = replace(further, words=unknown.words)
            if unknown is not NOTHING_UNKNOWN:
                self._count_unknown(unknown)
            emitted.append(Emit((self._message(record, event, vector, unknown, now),)))
        return emitted

    def _message(
        self, record: Record, event: LoanApplicationSubmitted, vector: str, unknown: Unknown, now: datetime
    ) -> Message:
        position = record.position()
        features = self._features_computed(
            application_id=event.application_id,
            catalogue_version=self._catalogue.version,
            vector=vector,
            unknown_words=unknown.words,
            unknown_fields=unknown.fields,
            channel=event.channel,
            contract_type=event.application.NAME_CONTRACT_TYPE,
            submitted_at=event.submitted_at or record.time(),
            computed_at=now,
            application=self._record_position(
                event_id=attribute(record.headers, "ce_id") or position,
                topic=record.partition.topic,
                partition=record.partition.number,
                offset=record.offset,
            ),
        )
        encoded = encode(
            features,
            event_id=position,
            source=SOURCE,
            request_id=attribute(record.headers, "ce_requestid"),
        )
        return Message(FEATURES.name, *encoded)


def _read(record: Record) -> Submitted | Reject:
    """Read an application, and keep of it only what is needed once the whole turn is read.

    What stands in fields beyond the contract may take thirty times its bytes, in an error as in a model.
    """
    try:
        event = decode_fast(LoanApplicationSubmitted, record.value, record.headers)
    except ContractError as error:
        return Reject(str(error))
    further = unknown_fields(event.application)
    if further is not NOTHING_UNKNOWN:
        held = event.__dict__ | {"application": as_wire_form(event.application)}
        event = wire_form(LoanApplicationSubmitted)(**held)
    return Submitted(record, event, further)
