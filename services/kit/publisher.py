"""The plain producer that services send single messages with, or many that come together."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from services.kit.closing import closed
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.pause import pause
from services.kit.producer import producer, stop
from services.kit.records import Message
from services.kit.stream_settings import StreamSettings

AT_ONCE = 50
"""Messages that are handed to the client before others have their turn."""
log = structlog.stdlib.get_logger("kafka")


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
        await closed(stop(self._producer, within=self._within))

    async def publish(self, message: Message) -> None:
        """Send a message and return when all replicas have it.

        Raises UnavailableError when that does not happen in time; the message may still arrive later.
        Raises FatalError where Kafka forbids it.
        """
        try:
            with kafka_errors():
                async with asyncio.timeout(self._within):
                    await (await self._send(message))
        except UnavailableError as error:
            raise UnavailableError(f"Kafka has not taken the message: {error}") from error

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        """Send messages together and return, for each, whether all replicas are known to have it in time.

        One that is not known to be there may still arrive. Raises FatalError where Kafka forbids it.
        """
        sent: list[asyncio.Future[object]] = []
        try:
            with kafka_errors():
                async with asyncio.timeout(self._within):
                    for message in messages:
                        sent.append(await self._send(message))
                        if len(sent) % AT_ONCE == 0:
                            await asyncio.sleep(0)
                    await asyncio.gather(*sent, return_exceptions=True)
        except UnavailableError as error:
            log.warning("not_all_taken", messages=len(messages), error=str(error))
        finally:
            for each in sent:
                each.cancel()
        _demand_allowed(sent)
        return [_is_there(each) for each in sent] + [False] * (len(messages) - len(sent))

    async def _send(self, message: Message) -> asyncio.Future[object]:
        sent: asyncio.Future[object] = await self._producer.send(
            message.topic, message.value, key=message.key, headers=list(message.headers)
        )
        return sent


def _is_there(sent: asyncio.Future[object]) -> bool:
    return sent.done() and not sent.cancelled() and sent.exception() is None


def _demand_allowed(sent: Iterable[asyncio.Future[object]]) -> None:
    """Raise FatalError where Kafka has forbidden one; whatever else went wrong is no reason to end."""
    for each in sent:
        if each.done() and not each.cancelled() and (error := each.exception()):
            with suppress(UnavailableError), kafka_errors():
                raise error


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
