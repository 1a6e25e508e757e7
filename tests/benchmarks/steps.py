"""Where the time of a decision goes: each step of the way by itself, a turn of a backlog at a time."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from time import process_time
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from services.contracts.codec import decode_fast, encode
from services.contracts.events import FeaturesComputed, LoanApplicationSubmitted
from services.contracts.topics import APPLICATIONS, DECISIONS, FEATURES
from services.contracts.vector import pack, unpack
from services.feature.handler import FeatureHandler
from services.kit.consumer import as_records
from services.kit.garbage import COLLECT_AFTER
from services.kit.records import Emit, Handler, Message, Partition, Record
from services.ledger.handler import LedgerHandler
from services.ledger.tables import columns
from services.replay.sending import cycled
from services.scorecard.columns import columns_of
from services.scorecard.decide import decide
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import Cells
from tests.benchmarks.champion import Champion
from tests.benchmarks.contest import Measured
from tests.models import scoring_handler

TURN: Final = 4000
"""Applications, as many as a stage takes at once in a backlog."""
ROOM: Final = 64 * 1024 * 1024
"""Bytes: a whole turn of any record as one batch."""
REPEATS: Final = 3
Step = Callable[[], object]


def measure(champion: Champion, rows: Sequence[Cells], turn: int = TURN) -> Iterator[Measured]:
    """Tell the processor time of an application in each step, with garbage collected as in a service."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        for name, step in steps(champion, rows, turn).items():
            yield Measured("processor", "us/row", _timed(step) / turn, name)
    finally:
        gc.set_threshold(*before)


def steps(champion: Champion, rows: Sequence[Cells], turn: int) -> Mapping[str, Step]:
    """Return the steps by name, on one turn of applications that went all the way before."""
    catalogue, model = standard_catalogue(), ready(champion.bundle, load_policy(), standard_catalogue())
    feature = FeatureHandler(catalogue, now=_now, count_unknown=lambda _: None)
    scoring, ledger = scoring_handler(model, catalogue, _now), LedgerHandler()
    given = enumerate(cycled(list(rows), turn))
    submitted = _read_back(APPLICATIONS.name, [_submitted(number, row) for number, row in given])
    vectors = _read_back(FEATURES.name, _emitted(feature, submitted))
    decided = _read_back(DECISIONS.name, _emitted(scoring, vectors))
    applications = [_application(record).application for record in submitted]
    by_column = columns_of(applications)
    matrix = catalogue.compute(by_column)
    features = [decode_fast(FeaturesComputed, record.value, record.headers).vector for record in vectors]
    inputs = matrix[:, [catalogue.names.index(each.name) for each in model.required]]
    kept, judged = _emitted(ledger, submitted), _emitted(ledger, decided)
    assert len(kept) == len(judged) == turn
    return {
        "client: read an application": partial(_read, APPLICATIONS.name, _written(submitted)),
        "client: read a decision": partial(_read, DECISIONS.name, _written(decided)),
        "client: write a vector": partial(_written, vectors),
        "feature: the whole handler": partial(feature, submitted),
        "feature: JSON to an application": lambda: list(map(_application, submitted)),
        "feature: cells to columns": partial(columns_of, applications),
        "feature: columns to features": partial(catalogue.compute, by_column),
        "feature: features to text": partial(pack, matrix),
        "scoring: the whole handler": partial(scoring, vectors),
        "scoring: text to features": partial(unpack, features, len(catalogue.names)),
        "scoring: probability, policy and reasons": partial(decide, model, inputs),
        "ledger: the whole handler": lambda: (ledger(submitted), ledger(decided)),
        "ledger: rows to PostgreSQL's arrays": lambda: (columns(kept), columns(judged)),
    }


def _now() -> datetime:
    return datetime.now(UTC)


def _timed(step: Step) -> float:
    """Return microseconds."""
    step()
    begun = process_time()
    for _ in range(REPEATS):
        step()
    return 1e6 * (process_time() - begun) / REPEATS


def _submitted(number: int, row: Cells) -> Message:
    event = LoanApplicationSubmitted(
        application_id=f"bench.{number}", submitted_at=_now(), channel="bench", application=row
    )
    encoded = encode(event, event_id=str(number), source="octroi/bench")
    return Message(APPLICATIONS.name, *encoded)


def _application(record: Record) -> LoanApplicationSubmitted:
    return decode_fast(LoanApplicationSubmitted, record.value, record.headers)


def _emitted(handler: Handler[Any], records: Sequence[Record]) -> list[Any]:
    """Return what a handler makes of records; all of them are good."""
    return [item for result in handler(records) if isinstance(result, Emit) for item in result.items]


def _written(messages: Sequence[Message] | Sequence[Record]) -> bytes:
    """Return messages as a batch for Kafka."""
    batch = BatchBuilder(ROOM, 0, is_transactional=True)
    for message in messages:
        written = batch.append(
            timestamp=0, key=message.key, value=message.value, headers=list(message.headers)
        )
        assert written is not None
    batch.close()
    return bytes(batch._build())  # noqa: SLF001 - what the client sends


def _read_back(topic: str, messages: Sequence[Message] | Sequence[Record]) -> list[Record]:
    """Return messages as a stage reads them from Kafka."""
    return _read(topic, _written(messages))


def _read(topic: str, batch: bytes) -> list[Record]:
    read = PartitionRecords(TopicPartition(topic, 0), MemoryRecords(batch), [], 0, None, None, True, 0)
    return as_records(Partition(topic, 0), list(read))
