"""Producers of messages: how they are set up, and the plain one that services send single messages with."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.producer import sender

from services.kit.closing import closed
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.login import connect
from services.kit.pause import pause
from services.kit.records import Message
from services.kit.settings import KafkaSettings, StreamSettings, milliseconds

log = structlog.stdlib.get_logger("kafka")

BATCH_BYTES = 512 * 1024
"""The client's own 16 kB would send a batch of applications in thirty requests."""
REQUEST_BYTES = 10 * 1024 * 1024
"""More than the largest record that a topic takes, so that any record can become a dead letter."""


BETWEEN_TRANSACTIONS = 0.004
"""Seconds. While Kafka still ends the last transaction, the client asks again after this pause."""


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
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
        request_timeout_ms=milliseconds(settings.request_timeout),
        # Committing offsets in a transaction is retried after this pause even when all is well.
        retry_backoff_ms=5,
        metadata_max_age_ms=30_000,
    )


async def stop(owner: AIOKafkaProducer) -> None:
    """Stop a producer and close its connections. Raises what ends its sending meanwhile."""
    try:
        await owner.stop()
    finally:
        # One that is fenced while it asks for something, or whom nobody waits for any more, ends its
        # own `stop` before it gets here, and what it leaves open would keep itself informed for ever.
        sending = owner._sender.sender_task  # noqa: SLF001 - the client has no other way
        if sending is not None:
            sending.cancel()
        await closed(owner.client.close())


class Publisher:
    """Sends single messages and says when Kafka has them on disk. Use it as an async context manager."""

    def __init__(self, kafka: KafkaSettings, settings: StreamSettings, *, within: timedelta) -> None:
        self._kafka = kafka
        self._producer = producer(kafka, settings)
        self._within = within.total_seconds()
        # The client would ask a coordinator that is away for as long as it is.
        self._connect_within = settings.transaction_timeout.total_seconds()

    async def __aenter__(self) -> Self:
        """Connect. Raises UnavailableError when Kafka is away, FatalError where it does not let us in."""
        try:
            with kafka_errors():
                async with asyncio.timeout(self._connect_within):
                    await connect(self._producer, self._kafka)
        except BaseException as error:
            await closed(stop(self._producer))
            if isinstance(error, UnavailableError):
                raise UnavailableError(f"Kafka is away: {error}") from error
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Messages that Kafka has not taken would be waited for until it is back.
        await asyncio.wait((asyncio.ensure_future(stop(self._producer)),), timeout=self._within)

    async def publish(self, message: Message) -> None:
        """Send a message and return when all replicas have it.

        Raises UnavailableError when that does not happen in time; the message may still arrive later.
        Raises FatalError where Kafka forbids it.
        """
        try:
            with kafka_errors():
                async with asyncio.timeout(self._within):
                    await self._producer.send_and_wait(
                        message.topic, message.value, key=message.key, headers=list(message.headers)
                    )
        except UnavailableError as error:
            raise UnavailableError(f"Kafka has not taken the message: {error}") from error


async def publish_for_sure(
    message: Message, kafka: KafkaSettings, settings: StreamSettings, stop: asyncio.Event
) -> None:
    """Publish a rare message over a connection of its own, trying until Kafka has it or `stop`."""
    while not stop.is_set():
        try:
            async with Publisher(kafka, settings, within=settings.request_timeout) as publisher:
                await publisher.publish(message)
                return
        except UnavailableError as error:
            log.warning("message_waits", topic=message.topic, error=str(error))
            await pause(settings.retry_longest, stop)
