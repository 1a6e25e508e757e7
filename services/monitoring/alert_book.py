"""The book of alerts in PostgreSQL: what fires, what is over, and who has taken care of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.contracts.event import printable
from services.monitoring.alert import Alert, Notice
from services.monitoring.alert_events import AlertEvent
from services.monitoring.alert_state import Key, Raised, State, Transition, resumed
from services.monitoring.storage import transaction

LONGEST_TEXT: Final = 500
"""Characters of a name or reason that are kept."""
RAISE: Final = text("""
INSERT INTO monitoring.alerts
    (alert_id, rule, subject, severity, value, threshold, summary, raised_at, silenced_until, event)
VALUES
    (:alert_id, :rule, :subject, :severity, :value, :threshold, :summary, :raised_at,
     -- An alert that comes back while its last one is silenced is silenced too.
     (SELECT max(silenced_until) FROM monitoring.alerts
      WHERE rule = :rule AND subject = :subject AND silenced_until > :raised_at),
     jsonb_build_object('raised', CAST(:notice AS jsonb)))
ON CONFLICT DO NOTHING
""")
"""Nothing happens where it was raised before, or another instance raised an alert that still fires."""
CLEAR: Final = text("""
UPDATE monitoring.alerts
SET cleared_at = :cleared_at,
    event = event || jsonb_build_object('cleared', CAST(:notice AS jsonb)),
    published_at = CASE WHEN CAST(:published AS boolean) THEN published_at END
WHERE rule = :rule AND subject = :subject AND cleared_at IS NULL
""")
FIRING: Final = text("SELECT rule, subject, raised_at FROM monitoring.alerts WHERE cleared_at IS NULL")
LISTED: Final = text("""
SELECT * FROM monitoring.alerts
WHERE (CAST(:firing AS boolean) IS NULL OR (cleared_at IS NULL) = CAST(:firing AS boolean))
ORDER BY raised_at DESC, alert_id LIMIT :limit
""")
ACKNOWLEDGE: Final = text("""
UPDATE monitoring.alerts
SET acknowledged_at = now(), acknowledged_by = :by, acknowledged_reason = :reason
WHERE alert_id = :alert_id AND cleared_at IS NULL
RETURNING *
""")
SILENCE: Final = text("""
UPDATE monitoring.alerts
SET acknowledged_at = now(), acknowledged_by = :by, acknowledged_reason = :reason, silenced_until = :until
WHERE alert_id = :alert_id AND cleared_at IS NULL
RETURNING *
""")
"""Who silences an alert has seen it: name and reason stand where those of acknowledging do."""
CLEARED: Final = text("SELECT cleared_at FROM monitoring.alerts WHERE alert_id = :alert_id")


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

    def __init__(self, database: AsyncEngine, *, within: timedelta = timedelta(seconds=5)) -> None:
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
            rows = (await connection.execute(FIRING)).all()
        return resumed((Key(rule, subject), raised_at) for rule, subject, raised_at in rows)

    async def alerts(self, *, firing: bool | None = None, limit: int = 100) -> Sequence[Alert]:
        """Return alerts, the newest first: all, or those that are firing, or those that are over."""
        async with transaction(self._database, within=self._within) as connection:
            rows = await connection.execute(LISTED, {"firing": firing, "limit": limit})
            return [Alert.model_validate(dict(row)) for row in rows.mappings()]

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
        self, statement: TextClause, alert_id: str, *, by: str, reason: str, **values: datetime
    ) -> Alert:
        texts = {"by": printable(by, LONGEST_TEXT), "reason": printable(reason, LONGEST_TEXT)}
        parameters = {"alert_id": printable(alert_id, LONGEST_TEXT), **texts, **values}
        async with transaction(self._database, within=self._within) as connection:
            row = (await connection.execute(statement, parameters)).mappings().one_or_none()
            if row is not None:
                return Alert.model_validate(dict(row))
            known = (await connection.execute(CLEARED, parameters)).one_or_none()
        if known is None:
            raise UnknownAlertError(
                f"alert_id: there is no alert {alert_id}; the list of alerts has their ids"
            )
        cleared_at: datetime = known[0]
        raise AlertClearedError(f"alert_id: alert {alert_id} is over since {cleared_at.isoformat()}")


async def _record(connection: AsyncConnection, change: Change) -> None:
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
