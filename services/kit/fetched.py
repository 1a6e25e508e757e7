"""What the client has fetched: let go of at once, within bounds, and read on after what cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from weakref import proxy

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher

from services.kit.codecs import Unpacked, UnreadableBatchError
from services.kit.foreign_names import lenient_batch
from services.kit.records import UNREADABLE

LARGEST_RECORD = 8 * 1024 * 1024
"""Bytes of key and value, as topics take them: whatever is read can become a dead letter."""
AT_ONCE = 32 * 1024 * 1024
"""Bytes of records, of all partitions together, from which on the rest waits for the next turn. A process
holds those of a turn and what became of the last, and what waits in the client; pods have 512 MB."""
MOST_HEADERS = 100
"""Of a record."""


@dataclass
class Room:
    """What there is still room for."""

    left: int = AT_ONCE
    """Bytes; less than 0 once the last record has taken more."""


# The client does not tell what gives the records of a partition which question they are to answer.
_room: Final[ContextVar[Room | None]] = ContextVar("room", default=None)


@contextmanager
def one_turn() -> Iterator[Room]:
    """Give all that is asked for in this block the room of one turn; else each partition has as much."""
    room = Room()
    before = _room.set(room)
    try:
        yield room
    finally:
        _room.reset(before)


class PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed
    """The records of a partition, which go as soon as they are let go of.

    In the client they hang on a cycle. A partition that is held lets go of megabytes every second, which
    would lie about until a collection of garbage comes at last: that counts objects, and not bytes.
    """

    def __init__(self, *fetched: Any) -> None:  # noqa: ANN401 - as it is there
        super().__init__(*fetched)
        self._records = _Batches(self._records)  # type: ignore[has-type]
        self._records_iterator = _readable(proxy(self))


class FetchResult(fetcher.FetchResult):  # type: ignore[misc]
    """Records of a partition that wait to be asked for."""

    _unpacked: Unpacked

    def getall(self, max_records: int | None = None) -> list[ConsumerRecord]:
        """Return the next records: at most so many, and not many more bytes than there is room for."""
        room = _room.get() or Room()
        if not self.check_assignment(self._topic_partition) or not self.has_more() or room.left <= 0:
            return []
        records: list[ConsumerRecord] = []
        # To add up what headers take would take as long as to read them: batches tell it.
        held, taken, before = 0, 0, self._unpacked.bytes
        waiting, all_waiting = None, self._partition_records  # type: ignore[has-type]
        for record in all_waiting:
            size = record.serialized_key_size + record.serialized_value_size
            held += size
            too_much = size > LARGEST_RECORD or len(record.headers) > MOST_HEADERS
            records.append(_too_much(record, size) if too_much else record)
            taken = max(held, self._unpacked.bytes - before)
            if len(records) == max_records or taken > room.left:
                waiting = all_waiting
                break
        room.left -= taken
        self._update_position()
        self._partition_records = waiting
        return records


class _Batches:
    """The batches of a partition, of which one knows the last that was begun."""

    def __init__(self, batches: Any) -> None:  # noqa: ANN401 - the client has several kinds
        self._batches = batches
        self.has_next = batches.has_next
        self.content: bytes = batches.content
        self.last: Any = None

    def next_batch(self) -> Any:  # noqa: ANN401
        self.last = self._batches.next_batch()
        return self.last


def _readable(records: Any) -> Iterator[ConsumerRecord]:  # noqa: ANN401
    """Return the records. In the place of a batch that cannot be unpacked comes one, which says so.

    It stands at the end of the batch, so that whoever goes on from there goes on after it.
    """
    while True:
        try:
            yield from fetcher.PartitionRecords._unpack_records(records)  # noqa: SLF001
        except UnicodeDecodeError:
            yield from _with_foreign_names(records)
        except UnreadableBatchError as error:
            batch = records._records.last  # noqa: SLF001
            first, last = max(batch.base_offset, records.next_fetch_offset), batch.next_offset - 1
            records.next_fetch_offset = last + 1
            yield _instead(records._tp, last, batch, f"offsets {first} to {last} are left out: {error}")  # noqa: SLF001
        else:
            return


def _with_foreign_names(records: Any) -> Iterator[ConsumerRecord]:  # noqa: ANN401
    """Return the rest of the batch that the client could not go on with."""
    batch = lenient_batch(records._records.content, records._records.last.base_offset)  # noqa: SLF001
    for record in batch:
        if record.offset >= records.next_fetch_offset:
            records.next_fetch_offset = record.offset + 1
            yield records._consumer_record(records._tp, record)  # noqa: SLF001
    records.next_fetch_offset = batch.next_offset


def fetch_result(unpacked: Unpacked) -> type[FetchResult]:
    """Return the kind that looks at how much was unpacked."""
    return type("FetchResult", (FetchResult,), {"_unpacked": unpacked})


def _too_much(record: ConsumerRecord, size: int) -> ConsumerRecord:
    target = TopicPartition(record.topic, record.partition)
    headers = len(record.headers)
    why = (
        f"it has {headers} headers, more than {MOST_HEADERS}"
        if headers > MOST_HEADERS
        else f"unpacked it has {size} bytes, more than {LARGEST_RECORD}"
    )
    return _instead(target, record.offset, record, why)


def _instead(target: TopicPartition, offset: int, of: Any, why: str) -> ConsumerRecord:  # noqa: ANN401
    """Return a record that no contract takes: it becomes a dead letter for this reason."""
    text = why.encode()
    return ConsumerRecord(
        topic=target.topic,
        partition=target.partition,
        offset=offset,
        timestamp=of.timestamp if isinstance(of, ConsumerRecord) else of.max_timestamp,
        timestamp_type=of.timestamp_type,
        key=None,
        value=text,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=len(text),
        headers=((UNREADABLE, text),),
    )
