"""The consumer of a stream: how it is set up, what it tells of partitions, and its records in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Partition, Record
from services.kit.settings import milliseconds
from services.kit.stream_settings import StreamSettings

PARTITION_BYTES = 16 * 1024 * 1024
"""Of one answer: a whole turn's applications, also where there is one partition."""


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
        max_partition_fetch_bytes=PARTITION_BYTES,
        request_timeout_ms=milliseconds(settings.request_timeout),
        fetch_max_wait_ms=milliseconds(settings.fetch_wait),
        metadata_max_age_ms=30_000,
    )


async def demand_topics(client: AIOKafkaConsumer, topics: Sequence[str]) -> None:
    """Raise UnavailableError for topics that are not made, TopicAuthorizationFailedError for hidden ones."""
    missing = set(topics) - await client.topics()
    if not missing:
        return
    # In a list of all topics those are missing too that we may not see; asked for by name they are told.
    await client._client.set_topics(missing)  # noqa: SLF001
    forbidden = missing & client._client.cluster.unauthorized_topics  # noqa: SLF001
    if forbidden:
        raise TopicAuthorizationFailedError(", ".join(sorted(forbidden)))
    raise UnavailableError(f"no topic {', '.join(sorted(missing))}: make the topics first")


def demand_fetching(client: AIOKafkaConsumer) -> None:
    """Raise UnavailableError where the client has ended its own fetching: it goes on without a word."""
    fetching: asyncio.Future[None] = client._fetcher.error_future  # noqa: SLF001
    if fetching.done():
        reason = None if fetching.cancelled() else fetching.exception()
        raise UnavailableError(f"the client has stopped fetching: {reason!r}")


def forget_question(client: AIOKafkaConsumer) -> None:
    """Make up for a question for records that was cut off, which the client counts as open for ever.

    While one is open it never gives up the partitions of a member that no longer asks.
    """
    client._subscription._fetch_count = 0  # noqa: SLF001 - one question at a time


def waiting_here(client: AIOKafkaConsumer) -> frozenset[TopicPartition]:
    """Return the partitions with records that were fetched and not asked for yet."""
    return frozenset(client._fetcher._records)  # noqa: SLF001


def put_behind(client: AIOKafkaConsumer, served: Iterable[TopicPartition]) -> None:
    """Let others go first whose records wait, too: the client would begin with the same partitions again."""
    waiting = client._fetcher._records  # noqa: SLF001
    for target in served:
        if target in waiting:
            waiting.move_to_end(target)


async def claim_unread(client: AIOKafkaConsumer, topics: Sequence[str]) -> None:
    """Join once more where a partition has no owner: one that we were not given and nobody has committed in.

    Kafka gives a static member that comes back what it had, and so nobody those that were added meanwhile. It
    shares out anew when the group's leader joins again, and answers others as before.
    """
    every = {TopicPartition(topic, n) for topic in topics for n in client.partitions_for_topic(topic) or ()}
    for partition in sorted(every - client.assignment()):
        if await client.committed(partition) is None:
            client._coordinator.request_rejoin()  # noqa: SLF001
            return


async def leave(client: AIOKafkaConsumer) -> None:
    """Stop a consumer and close its connections. Raises what its `stop` does."""
    # A fetch that an outage broke off ends the client's own `stop`, as if we were cancelled, before it closes
    # its connections, and what it leaves open would look for the broker for ever.
    ended = (await asyncio.gather(client.stop(), return_exceptions=True))[0]
    await client._client.close()  # noqa: SLF001
    if isinstance(ended, Exception):
        raise ended


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
    return [Record(partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in raws]
