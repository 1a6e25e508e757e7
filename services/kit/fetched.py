"""What the client has fetched: let go of at once, and read on after a batch that cannot be read."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from weakref import proxy

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords

from services.kit.codecs import UnreadableBatchError


class Fetched(OrderedDict[TopicPartition, Any]):
    """What was fetched and not read yet; it goes as soon as it is let go of.

    In the client it hangs on a cycle. A partition that is held lets go of megabytes every second, which would
    lie about until a collection of garbage comes at last: that counts objects, and not bytes.
    """

    def __setitem__(self, target: TopicPartition, fetched: Any) -> None:  # noqa: ANN401 - records, or an error
        """Keep what was fetched of a partition."""
        records = getattr(fetched, "_partition_records", None)
        if records is not None:
            records._records_iterator = readable(proxy(records))  # noqa: SLF001
        super().__setitem__(target, fetched)


def read_by_ours(client: AIOKafkaConsumer) -> None:
    """Have a connected client keep what it fetches as `Fetched`."""
    client._fetcher._records = Fetched(client._fetcher._records)  # noqa: SLF001


class Batches:
    """The batches of a partition, of which one knows the last that was read."""

    def __init__(self, batches: Any) -> None:  # noqa: ANN401 - the client has several kinds
        self._batches = batches
        self.has_next = batches.has_next
        self.last: Any = None

    def next_batch(self) -> Any:  # noqa: ANN401
        """Return the next one."""
        self.last = self._batches.next_batch()
        return self.last


def readable(records: PartitionRecords) -> Iterator[ConsumerRecord]:
    """Return the records. In the place of a batch that cannot be unpacked comes one, which says so.

    No contract takes what it says, and it becomes a dead letter: others wrote that batch, and what comes
    after it must not wait for ever.
    """
    batches = records._records = Batches(records._records)  # noqa: SLF001
    while True:
        try:
            yield from PartitionRecords._unpack_records(records)  # noqa: SLF001
        except UnreadableBatchError as error:
            batch = batches.last
            records.next_fetch_offset = batch.next_offset
            yield _instead_of(batch, records._tp, error)  # noqa: SLF001
        else:
            return


def _instead_of(batch: Any, target: TopicPartition, error: UnreadableBatchError) -> ConsumerRecord:  # noqa: ANN401
    """Return a record at the end of a batch, so that whoever goes on from there goes on after it."""
    last = batch.next_offset - 1
    says = f"The batch at offsets {batch.base_offset} to {last} is left out: {error}; send smaller batches."
    return ConsumerRecord(
        topic=target.topic,
        partition=target.partition,
        offset=last,
        timestamp=batch.max_timestamp,
        timestamp_type=batch.timestamp_type,
        key=None,
        value=says.encode(),
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=len(says),
        headers=(),
    )
