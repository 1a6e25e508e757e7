"""Producers of messages: how they are set up, and how they are stopped."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerClosed
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer import sender

from services.kit.closing import CLOSE_SECONDS, closed
from services.kit.kafka_settings import KafkaSettings
from services.kit.settings import milliseconds
from services.kit.stream_settings import StreamSettings

BATCH_BYTES = 512 * 1024
"""The client's own 16 kB would send a batch of applications in thirty requests."""
REQUEST_BYTES = 10 * 1024 * 1024
"""More than the largest record that a topic takes, so that any record can become a dead letter."""


BETWEEN_TRANSACTIONS = 0.002
"""Seconds. While Kafka still ends the last transaction, the client asks again after this pause."""


def chosen_partition(key: bytes | None, every: Sequence[int], available: Sequence[int]) -> int:
    """Return the partition that Kafka's own clients choose; where there is one, without making a hash."""
    return every[0] if len(every) == 1 else int(DefaultPartitioner()(key, every, available))


def producer(
    kafka: KafkaSettings, settings: StreamSettings, *, transactional_id: str | None = None
) -> AIOKafkaProducer:
    """Return an idempotent producer (acks=all), not started; transactional where it has an id."""
    # There is no setting for it, and the client's own 20 ms are twice what a transaction takes.
    sender.BACKOFF_OVERRIDE = BETWEEN_TRANSACTIONS
    return AIOKafkaProducer(
        **kafka.client(),
        transactional_id=transactional_id,
        transaction_timeout_ms=milliseconds(settings.transaction_timeout),
        enable_idempotence=True,
        acks="all",
        partitioner=chosen_partition,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
        request_timeout_ms=milliseconds(settings.request_timeout),
        # Committing offsets in a transaction is retried after this pause even when all is well.
        retry_backoff_ms=5,
        metadata_max_age_ms=30_000,
    )


async def stop(owner: AIOKafkaProducer, *, within: float = CLOSE_SECONDS) -> None:
    """Stop a producer and close its connections. Raises what ends its sending meanwhile.

    What Kafka has not taken within so many seconds is not sent any more: where it answers and takes nothing,
    as with too few replicas, the client would ask again for as long as that lasts.
    """
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await owner.stop()
    finally:
        # One that is fenced while it asks for something, or whom nobody waits for any more, ends its
        # own `stop` before it gets here, and what it leaves open would keep itself informed for ever.
        sending = owner._sender.sender_task  # noqa: SLF001 - the client has no other way
        if sending is not None:
            sending.cancel()
            # What is on its way comes back to wait, which it cannot once that is forgotten.
            await closed(sending)
        drop_unsent(owner, ProducerClosed())
        await closed(owner.client.close())


def drop_unsent(owner: AIOKafkaProducer, error: Exception) -> None:
    """Let nothing be sent of what waits; whoever waits for it gets the error."""
    waiting = owner._message_accumulator  # noqa: SLF001 - the client has no other way
    dropped = [batch for batches in waiting._batches.values() for batch in batches]  # noqa: SLF001
    waiting.fail_all(error)
    waiting._batches.clear()  # noqa: SLF001
    for batch in dropped:
        # Who waited for room may be gone, and Python would complain that nobody has asked.
        batch._drain_waiter.exception()  # noqa: SLF001
