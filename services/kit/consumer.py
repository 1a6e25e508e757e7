"""The consumer of a stream: how it is set up, what it tells of partitions, and its records in our words."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from services.kit.records import Partition, Record
from services.kit.settings import KafkaSettings, StreamSettings, milliseconds

PARTITION_BYTES = 4 * 1024 * 1024


def consumer(group: str, instance: str, kafka: KafkaSettings, settings: StreamSettings) -> AIOKafkaConsumer:
    """Return a static member of a group that reads committed records and commits nothing by itself."""
    session = milliseconds(settings.session_timeout)
    return AIOKafkaConsumer(
        **kafka.client(),
        group_id=group,
        group_instance_id=f"{group}-{instance}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=session,
        heartbeat_interval_ms=session // 4,
        # A whole turn's applications in one answer, also where there is one partition.
        max_partition_fetch_bytes=PARTITION_BYTES,
        request_timeout_ms=milliseconds(settings.request_timeout),
        metadata_max_age_ms=30_000,
    )


async def leave(client: AIOKafkaConsumer) -> None:
    """Stop a consumer and close its connections."""
    try:
        await client.stop()
    finally:
        # A fetch that an outage broke off ends the client's own `stop` before it gets here, and what it
        # leaves open would look for the broker for ever.
        await client._client.close()  # noqa: SLF001


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Tells the connection what it is given, and when it is taken away again."""

    def __init__(
        self, assign: Callable[[Iterable[TopicPartition]], None], revoke: Callable[[], Awaitable[None]]
    ) -> None:
        self._assign = assign
        self._revoke = revoke

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Leave it to the next turn to own them."""
        self._assign(assigned)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Wait for the turn in flight; all partitions are taken, whichever come back."""
        del revoked
        await self._revoke()


def as_records(partition: Partition, raws: Sequence[ConsumerRecord]) -> list[Record]:
    """Return the client's records of a partition in our words."""
    # A foreign producer may write a header without a value; here it reads as an empty one.
    return [
        Record(
            partition,
            r.offset,
            r.timestamp,
            r.key,
            r.value,
            tuple((name, text or b"") for name, text in r.headers),
        )
        for r in raws
    ]
