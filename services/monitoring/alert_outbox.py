"""The outbox: what Kafka and the webhook have not been told yet, kept in the rows of the alerts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, get_args

from services.kit.database import Database, Row, rows_of
from services.monitoring.alert import Alert, Kind, Notice, Waiting
from services.monitoring.storage import transaction

UNPUBLISHED: Final = """
SELECT * FROM monitoring.alerts
WHERE published_at IS NULL AND jsonb_path_exists(event, '$.*.published ? (@ == false)')
ORDER BY raised_at, alert_id LIMIT 100
"""
MARK_PUBLISHED: Final = """
UPDATE monitoring.alerts
SET event = jsonb_set(event, ARRAY[CAST(%(kind)s AS text), 'published'], 'true'),
    -- Another notice may have come while this one was on its way.
    published_at = CASE
        WHEN jsonb_path_exists(event - CAST(%(kind)s AS text), '$.*.published ? (@ == false)') THEN NULL
        ELSE now()
    END
WHERE alert_id = %(alert_id)s
"""
UNSENT: Final = """
SELECT * FROM monitoring.alerts
WHERE greatest(raised_at, cleared_at, silenced_until) >= %(since)s
  AND (silenced_until IS NULL OR silenced_until <= now())
  AND jsonb_path_exists(event, '$.*.sent ? (@ == false)')
ORDER BY raised_at, alert_id LIMIT 100
"""
MARK_SENT: Final = """
UPDATE monitoring.alerts SET event = jsonb_set(event, ARRAY[CAST(%(kind)s AS text), 'sent'], 'true')
WHERE alert_id = %(alert_id)s
"""


class AlertOutbox:
    """Tells what waits. Every method raises UnavailableError or FatalError, as `transaction` does.

    Each notice is marked by itself, so that one which comes while another is on its way is not lost. Until
    it is marked it may be told again: readers drop doubles by its id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unpublished(self) -> Sequence[Waiting]:
        """Return some notices whose event Kafka does not have, the oldest alert first."""
        return await self._waiting(UNPUBLISHED, {}, lambda _, notice: not notice.published)

    async def mark_published(self, waiting: Waiting) -> None:
        """Keep that Kafka has the event."""
        await self._mark(MARK_PUBLISHED, waiting)

    async def unsent(self, *, since: datetime) -> Sequence[Waiting]:
        """Return some notices that the webhook does not have, without those of alerts silenced now.

        Those before `since` are left out, but for what a silence held back: an old alert helps nobody.
        """

        def waits(alert: Alert, notice: Notice) -> bool:
            return not notice.sent and max(notice.at, alert.silenced_until or notice.at) >= since

        return await self._waiting(UNSENT, {"since": since}, waits)

    async def mark_sent(self, waiting: Waiting) -> None:
        """Keep that the webhook has taken the notice."""
        await self._mark(MARK_SENT, waiting)

    async def _waiting(
        self, statement: str, values: Mapping[str, Any], waits: Callable[[Alert, Notice], bool]
    ) -> Sequence[Waiting]:
        async with transaction(self._database) as connection:
            rows = await rows_of(connection, statement, values)
        return [waiting for row in rows for waiting in _notices(row) if waits(waiting.alert, waiting.notice)]

    async def _mark(self, statement: str, waiting: Waiting) -> None:
        async with transaction(self._database) as connection:
            named = {"alert_id": waiting.alert.alert_id, "kind": waiting.kind}
            await connection.execute(statement, named)


def _notices(row: Row) -> Iterator[Waiting]:
    alert, notices = Alert.model_validate(row), row["event"]
    kinds: tuple[Kind, ...] = get_args(Kind)
    for kind in kinds:
        if kind in notices:
            yield Waiting(alert, kind, Notice.model_validate(notices[kind]))
