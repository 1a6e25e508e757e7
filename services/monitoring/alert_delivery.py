"""Empties the outbox: events to Kafka, notices to the webhook. What fails is left for the next round."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from services.kit.records import Message
from services.monitoring.alert_events import alert_message
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.webhook import Webhook, WebhookRefusedError

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
