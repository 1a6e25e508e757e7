"""The book of alerts in PostgreSQL: what fires, what is over, and who has taken care of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from services.contracts.event import printable
from services.kit.database import Connection, Database, rows_of
from services.monitoring.alert import Alert, Notice
from services.monitoring.alert_events import AlertEvent
from services.monitoring.alert_state import Key, Raised, State, Transition, resumed
from services.monitoring.storage import transaction

LONGEST_TEXT: Final = 500
"""Characters of a name or reason that are kept."""
RAISE: Final = """
INSERT INTO monitoring.alerts
    (alert_id, rule, subject, severity, value, threshold, summary, raised_at, silenced_until, event)
VALUES
    (%(alert_id)s, %(rule)s, %(subject)s, %(severity)s, %(value)s, %(threshold)s, %(summary)s,
     %(raised_at)s,
     -- An alert that comes back while its last one is silenced is silenced too.
     (SELECT max(silenced_until) FROM monitoring.alerts
      WHERE rule = %(rule)s AND subject = %(subject)s AND silenced_until > %(raised_at)s),
     jsonb_build_object('raised', CAST(%(notice)s AS jsonb)))
ON CONFLICT DO NOTHING
"""
"""Nothing happens where it was raised before, or another instance raised an alert that still fires."""
CLEAR: Final = """
UPDATE monitoring.alerts
SET cleared_at = %(cleared_at)s,
    event = event || jsonb_build_object('cleared', CAST(%(notice)s AS jsonb)),
    published_at = CASE WHEN CAST(%(published)s AS boolean) THEN published_at END
WHERE rule = %(rule)s AND subject = %(subject)s AND cleared_at IS NULL
"""
FIRING: Final = "SELECT rule, subject, raised_at FROM monitoring.alerts WHERE cleared_at IS NULL"
LISTED: Final = """
SELECT * FROM monitoring.alerts
WHERE (CAST(%(firing)s AS boolean) IS NULL OR (cleared_at IS NULL) = CAST(%(firing)s AS boolean))
ORDER BY raised_at DESC, alert_id LIMIT %(limit)s
"""
ACKNOWLEDGE: Final = """
UPDATE monitoring.alerts
SET acknowledged_at = now(), acknowledged_by = %(by)s, acknowledged_reason = %(reason)s
WHERE alert_id = %(alert_id)s AND cleared_at IS NULL
RETURNING *
"""
SILENCE: Final = """
UPDATE monitoring.alerts
SET acknowledged_at = now(), acknowledged_by = %(by)s, acknowledged_reason = %(reason)s,
    silenced_until = %(until)s
WHERE alert_id = %(alert_id)s AND cleared_at IS NULL
RETURNING *
"""
"""Who silences an alert has seen it: name and reason stand where those of acknowledging do."""
CLEARED: Final = "SELECT cleared_at FROM monitoring.alerts WHERE alert_id = %(alert_id)s"


class UnknownAlertError(LookupError):
    """There is no alert of this id."""


class AlertClearedError(ValueError):
    """The alert is over, so that there is nothing to acknowledge or silence."""


class Change(NamedTuple):
    """A transition, and its event for Kafka."""

    transition: Transition
    event: AlertEvent | None


class AlertBook:
    """Keeps alerts. Every method raises UnavailableError or FatalError, as `transaction` does."""

    def __init__(self, database: Database, *, within: timedelta = timedelta(seconds=5)) -> None:
        self._database = database
        self._within = within.total_seconds()

    async def record(self, changes: Sequence[Change]) -> None:
        """Keep a tick's changes, and that they must be told: all or none. A repetition changes nothing."""
        if not changes:
            return
        async with transaction(self._database, within=self._within) as connection:
            # In one order, so that two instances do not wait for each other.
            for change in sorted(changes, key=lambda change: change.transition.key):
                await _record(connection, change)

    async def state(self) -> State:
        """Return what is firing, for the start of a process."""
        async with transaction(self._database, within=self._within) as connection:
            rows = await rows_of(connection, FIRING, {})
        return resumed((Key(row["rule"], row["subject"]), row["raised_at"]) for row in rows)

    async def alerts(self, *, firing: bool | None = None, limit: int = 100) -> Sequence[Alert]:
        """Return alerts, the newest first: all, or those that are firing, or those that are over."""
        async with transaction(self._database, within=self._within) as connection:
            rows = await rows_of(connection, LISTED, {"firing": firing, "limit": limit})
        return [Alert.model_validate(row) for row in rows]

    async def acknowledge(self, alert_id: str, *, by: str, reason: str) -> Alert:
        """Keep who has taken care of a firing alert. Raises UnknownAlertError and AlertClearedError."""
        return await self._update(ACKNOWLEDGE, alert_id, by=by, reason=reason)

    async def silence(self, alert_id: str, *, by: str, reason: str, until: datetime) -> Alert:
        """Keep the webhook still about this alert, and those of its rule and subject that follow.

        Raises UnknownAlertError, AlertClearedError, and ValueError for a time that is over.
        """
        if until <= datetime.now(UTC):
            raise ValueError(f"until: {until.isoformat()} is over, must be a time to come")
        return await self._update(SILENCE, alert_id, by=by, reason=reason, until=until)

    async def _update(
        self, statement: str, alert_id: str, *, by: str, reason: str, **values: datetime
    ) -> Alert:
        texts = {"by": printable(by, LONGEST_TEXT), "reason": printable(reason, LONGEST_TEXT)}
        parameters = {"alert_id": printable(alert_id, LONGEST_TEXT), **texts, **values}
        async with transaction(self._database, within=self._within) as connection:
            changed = await rows_of(connection, statement, parameters)
            if changed:
                return Alert.model_validate(changed[0])
            known = await rows_of(connection, CLEARED, parameters)
        if not known:
            raise UnknownAlertError(
                f"alert_id: there is no alert {alert_id}; the list of alerts has their ids"
            )
        cleared_at: datetime = known[0]["cleared_at"]
        raise AlertClearedError(f"alert_id: alert {alert_id} is over since {cleared_at.isoformat()}")


async def _record(connection: Connection, change: Change) -> None:
    transition, event = change
    at = transition.raised_at if isinstance(transition, Raised) else transition.cleared_at
    notice = Notice(at=at, value=transition.value, event=event, published=event is None)
    values: dict[str, Any] = {**transition.key._asdict(), "notice": notice.model_dump_json()}
    if not isinstance(transition, Raised):
        values |= {"cleared_at": transition.cleared_at, "published": event is None}
        await connection.execute(CLEAR, values)
        return
    rule = transition.rule
    values |= {
        "alert_id": transition.alert_id,
        "severity": rule.severity,
        "value": transition.value,
        "threshold": rule.threshold,
        "summary": rule.told(transition.subject, transition.value),
        "raised_at": transition.raised_at,
    }
    await connection.execute(RAISE, values)
