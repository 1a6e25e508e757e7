"""Tells alerts to an address of the operators', signed, until it takes them.

The body is JSON. A receiver checks that it comes from Octroi, and was not kept and sent again by another:

1. Take `X-Octroi-Timestamp`, seconds since 1970, and refuse it where it is more than five minutes away.
2. Join the timestamp, a full stop and the body's bytes as they came, before any JSON is read.
3. Take HMAC-SHA256 of that with the shared secret, in hex, and write `sha256=` before it.
4. Compare with `X-Octroi-Signature` in constant time, as by Python's `hmac.compare_digest`.

A notice is sent once at least. Receivers drop doubles by `alert_id` together with `notice`, and answer 2xx;
5xx and 429 are tried again, whatever else is not.
"""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Final

import httpx
import structlog

from services.kit.errors import UnavailableError
from services.kit.pause import pause
from services.monitoring.alert import Waiting
from services.monitoring.webhook_settings import WebhookSettings

SIGNATURE: Final = "X-Octroi-Signature"
TIMESTAMP: Final = "X-Octroi-Timestamp"
log = structlog.stdlib.get_logger("webhook")


class WebhookRefusedError(Exception):
    """The receiver refuses the notice, and would again; the message says what to look at."""


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a body that is sent at `timestamp`."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def body_of(waiting: Waiting) -> bytes:
    """Return what is told of a notice, as JSON: the same bytes each time."""
    alert, cleared = waiting.alert, waiting.kind == "cleared"
    told = {
        "alert_id": alert.alert_id,
        "notice": waiting.kind,
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": alert.severity,
        "summary": alert.summary,
        "value": waiting.notice.value,
        "threshold": alert.threshold,
        "raised_at": alert.raised_at.astimezone(UTC).isoformat(),
        "cleared_at": waiting.notice.at.astimezone(UTC).isoformat() if cleared else None,
    }
    return json.dumps(told, ensure_ascii=False).encode()


class Webhook:
    """Sends notices to the address of the settings, which must have one."""

    def __init__(self, client: httpx.AsyncClient, settings: WebhookSettings) -> None:
        address, secret = settings.url, settings.secret
        if address is None or secret is None:
            raise ValueError("url, secret: there is no webhook without them")
        self._client, self._settings = client, settings
        self._address, self._secret = address.get_secret_value(), secret.get_secret_value().encode()

    async def send(self, waiting: Waiting, stop: asyncio.Event) -> None:
        """Return when the receiver has taken the notice.

        Raises UnavailableError when it has not within the settings' limit, or at `stop`; WebhookRefusedError
        where another try would not help.
        """
        body, loop = body_of(waiting), asyncio.get_running_loop()
        given_up, span = loop.time() + self._settings.within.total_seconds(), self._settings.retry_first
        while (problem := await self._fault(body)) is not None:
            log.warning("webhook_waits", alert_id=waiting.alert.alert_id, error=problem)
            if loop.time() + span.total_seconds() >= given_up:
                raise UnavailableError(f"the webhook has not taken a notice in time: {problem}")
            await pause(span, stop)
            if stop.is_set():
                raise UnavailableError(f"the webhook had not taken a notice at the stop: {problem}")
            span = min(2 * span, self._settings.retry_longest)

    async def _fault(self, body: bytes) -> str | None:
        """Send once and return what calls for another try, if anything. Raises WebhookRefusedError."""
        # Signed anew each time: receivers refuse an old timestamp.
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, body),
        }
        try:
            async with asyncio.timeout(self._settings.answer_within.total_seconds()):
                # The answer's body is not read, so that it may be as long as it likes.
                async with self._client.stream(
                    "POST", self._address, content=body, headers=headers
                ) as answer:
                    status = answer.status_code
        except (httpx.TransportError, TimeoutError) as error:
            # Only the kind: the address may hold a secret.
            return type(error).__name__
        if status == httpx.codes.TOO_MANY_REQUESTS or httpx.codes.is_server_error(status):
            return f"it answers {status}"
        if not httpx.codes.is_success(status):
            cure = "look at OCTROI_WEBHOOK_URL and OCTROI_WEBHOOK_SECRET"
            raise WebhookRefusedError(f"the webhook answers {status}: {cure}")
        return None
