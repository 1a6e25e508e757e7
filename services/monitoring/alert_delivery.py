"""Empties the outbox: events to Kafka, notices to the webhook. What fails is left for the next round."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from services.kit.errors import UnavailableError
from services.kit.pause import pause
from services.kit.records import Message
from services.kit.transport import Publishing
from services.monitoring.alert_events import alert_message
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.webhook import Webhook, WebhookRefusedError

PUBLISH_WITHIN: Final = timedelta(seconds=5)
"""Longest wait for Kafka to have one message on disk."""
log = structlog.stdlib.get_logger("alerts")


async def publish_waiting(outbox: AlertOutbox, publish: Callable[[Message], Awaitable[None]]) -> int:
    """Publish what waits, the oldest first, and return how much. Raises what `publish` does."""
    waiting = await outbox.unpublished()
    for each in waiting:
        if each.notice.event is not None:
            await publish(alert_message(each.notice.event))
        await outbox.mark_published(each)
    return len(waiting)


async def send_waiting(outbox: AlertOutbox, webhook: Webhook, *, since: datetime, stop: asyncio.Event) -> int:
    """Send what waits and return how much was taken. Raises UnavailableError when the receiver is away.

    A notice that is refused holds no other up; it is tried again in the next round, until it is too old.
    """
    sent = 0
    for each in await outbox.unsent(since=since):
        try:
            await webhook.send(each, stop)
        except WebhookRefusedError as error:
            log.error("webhook_refuses", alert_id=each.alert.alert_id, error=str(error))  # noqa: TRY400
            continue
        await outbox.mark_sent(each)
        sent += 1
    return sent


class AlertTelling:
    """Empties the outbox to Kafka and to the webhook; what fails stays in it for the next round."""

    def __init__(
        self,
        outbox: AlertOutbox,
        publisher: Callable[[timedelta], AbstractAsyncContextManager[Publishing]],
        *,
        webhook: Webhook | None,
        newest: timedelta,
        every: timedelta,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._webhook = webhook
        self._newest = newest
        self._every = every

    async def run(self, stop: asyncio.Event) -> None:
        """Tell what waits until `stop`. Raises FatalError."""
        while not stop.is_set():
            for telling in (self._publish, self._send):
                try:
                    await telling(stop)
                except UnavailableError as error:
                    log.warning("alerts_wait", error=str(error))
            await pause(self._every, stop)

    async def _publish(self, _: asyncio.Event) -> None:
        if await self._outbox.unpublished():
            async with self._publisher(PUBLISH_WITHIN) as publisher:
                await publish_waiting(self._outbox, publisher.publish)

    async def _send(self, stop: asyncio.Event) -> None:
        if self._webhook is not None:
            since = datetime.now(UTC) - self._newest
            await send_waiting(self._outbox, self._webhook, since=since, stop=stop)
