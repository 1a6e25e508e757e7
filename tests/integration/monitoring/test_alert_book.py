import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from services.contracts.alerts import DriftCleared, DriftDetected
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import FatalError, UnavailableError
from services.kit.records import Message
from services.monitoring.alert_book import AlertBook, AlertClearedError, Change, UnknownAlertError
from services.monitoring.alert_delivery import publish_waiting, send_waiting
from services.monitoring.alert_events import event_of
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.alert_state import Cleared, Condition, Key, Raised, Transition
from services.monitoring.webhook import Webhook
from services.monitoring.webhook_settings import WebhookSettings
from tests.engine import free_port
from tests.integration.ledger.migrating import new_database
from tests.integration.ledger.reading import LedgerReader
from tests.unit.monitoring.alert_examples import feature, rule, summary
from tests.unit.monitoring.receiver import SECRET, running_receiver

pytestmark = pytest.mark.postgres

NOW = datetime.now(UTC)
ROWS = "SELECT * FROM monitoring.alerts ORDER BY raised_at, subject"


@pytest.fixture
def book(database: Database) -> AlertBook:
    return AlertBook(database)


@pytest.fixture
def outbox(database: Database) -> AlertOutbox:
    return AlertOutbox(database)


def raised(subject: str = "AMT_CREDIT", at: datetime = NOW) -> Raised:
    return Raised(rule(), subject, 0.21, at)


def cleared(start: Raised, after: timedelta = timedelta(minutes=1)) -> Cleared:
    return Cleared(start.key, start.raised_at, start.raised_at + after, start.rule, 0.03)


def change(transition: Transition) -> Change:
    seen = summary(feature(transition.key.subject, distance=0.21, drifted=True))
    return Change(transition, event_of(transition, model_name="m", model_version="7", summary=seen))


async def test_an_alert_is_kept_and_told_of(book: AlertBook, table: LedgerReader) -> None:
    await book.record([change(raised())])
    [alert] = await book.alerts()
    assert (alert.alert_id, alert.rule, alert.subject) == (raised().alert_id, "feature-drift", "AMT_CREDIT")
    assert (alert.value, alert.threshold, alert.severity) == (0.21, 0.1, "warning")
    assert (alert.summary, alert.raised_at) == ("AMT_CREDIT is 0.21 away", NOW)
    [row] = table.rows(ROWS)
    assert row["event"]["raised"]["event"]["event"] == "DriftDetected"
    assert row["published_at"] is None


async def test_a_tick_that_is_recorded_again_changes_nothing(book: AlertBook, table: LedgerReader) -> None:
    start = [change(raised(name)) for name in ("A", "B", "C")]
    await book.record(start)
    await book.record([change(cleared(raised("A")))])
    before = table.rows(ROWS)
    await book.record(start)
    await book.record([change(cleared(raised("A"), timedelta(minutes=2)))])
    assert table.rows(ROWS) == before
    assert [alert.subject for alert in await book.alerts(firing=True)] != []
    assert {alert.subject for alert in await book.alerts(firing=True)} == {"B", "C"}
    assert [alert.subject for alert in await book.alerts(firing=False)] == ["A"]
    assert len(await book.alerts(limit=2)) == 2


async def test_of_a_rule_and_subject_one_alert_fires_whoever_raises_it(
    book: AlertBook, table: LedgerReader
) -> None:
    ticks = [raised(name, NOW + timedelta(seconds=n)) for n in range(8) for name in ("A", "B")]
    orders = [[change(tick) for tick in ticks[n : n + 2]] for n in range(0, 16, 2)]
    await asyncio.gather(*(book.record(order) for order in orders), *(book.record(o[::-1]) for o in orders))
    assert [row["subject"] for row in table.rows(ROWS)] == ["A", "B"]


async def test_an_alert_may_come_back_after_it_cleared(book: AlertBook, table: LedgerReader) -> None:
    later = raised(at=NOW + timedelta(minutes=5))
    for transition in (raised(), cleared(raised()), later):
        await book.record([change(transition)])
    assert len(table.rows(ROWS)) == 2
    assert await book.state() == {Key("feature-drift", "AMT_CREDIT"): Condition(later.raised_at)}


async def test_after_a_restart_the_state_knows_what_fires_and_its_id(book: AlertBook) -> None:
    await book.record([change(raised())])
    [(key, condition)] = (await book.state()).items()
    assert condition.raised_at is not None
    assert Cleared(key, condition.raised_at, NOW).alert_id == raised().alert_id


async def test_who_has_taken_care_is_kept(book: AlertBook) -> None:
    await book.record([change(raised())])
    alert = await book.acknowledge(raised().alert_id, by="ana", reason="new \0campaign")
    assert (alert.acknowledged_by, alert.acknowledged_reason) == ("ana", "new \ufffdcampaign")
    assert alert.acknowledged_at is not None
    until = datetime.now(UTC) + timedelta(hours=1)
    alert = await book.silence(raised().alert_id, by="bo", reason="until tonight", until=until)
    assert (alert.acknowledged_by, alert.silenced_until) == ("bo", until)
    assert [alert] == await book.alerts()


async def test_an_alert_that_is_not_there_or_over_cannot_be_acknowledged(book: AlertBook) -> None:
    with pytest.raises(UnknownAlertError, match="alert_id: there is no alert a-1; the list"):
        await book.acknowledge("a-1", by="ana", reason="")
    await book.record([change(raised())])
    await book.record([change(cleared(raised()))])
    with pytest.raises(AlertClearedError, match=f"{raised().alert_id} is over since 20"):
        await book.acknowledge(raised().alert_id, by="ana", reason="")
    with pytest.raises(ValueError, match=r"until: .* is over, must be a time to come"):
        await book.silence(raised().alert_id, by="ana", reason="", until=NOW)


async def test_events_wait_until_kafka_has_them(
    book: AlertBook, outbox: AlertOutbox, table: LedgerReader
) -> None:
    await book.record([change(raised())])
    published: list[Message] = []

    async def publish(message: Message) -> None:
        if len(published) == 1:
            # The alert clears while its beginning is on its way.
            await book.record([change(cleared(raised()))])
        published.append(message)

    async def away(_: Message) -> None:
        raise UnavailableError("Kafka is away")

    with pytest.raises(UnavailableError):
        await publish_waiting(outbox, away)
    [waiting] = await outbox.unpublished()
    assert isinstance(waiting.notice.event, DriftDetected)
    await book.record([change(raised("B", NOW + timedelta(seconds=1)))])
    assert await publish_waiting(outbox, publish) == 2
    [waiting] = await outbox.unpublished()
    assert isinstance(waiting.notice.event, DriftCleared)
    assert await publish_waiting(outbox, publish) == 1
    assert await publish_waiting(outbox, publish) == 0
    assert len({message.key for message in published}) == 3
    assert all(row["published_at"] for row in table.rows(ROWS))


async def test_the_end_that_comes_while_the_beginning_is_published_is_not_lost(
    book: AlertBook, outbox: AlertOutbox
) -> None:
    await book.record([change(raised())])
    [beginning] = await outbox.unpublished()
    await book.record([change(cleared(raised()))])
    await outbox.mark_published(beginning)
    assert [waiting.kind for waiting in await outbox.unpublished()] == ["cleared"]


async def test_an_alert_without_event_waits_for_the_webhook_only(
    book: AlertBook, outbox: AlertOutbox
) -> None:
    await book.record([Change(raised(), None)])
    await book.record([Change(cleared(raised()), None)])
    assert await outbox.unpublished() == []
    waiting = await outbox.unsent(since=NOW)
    assert [(each.kind, each.notice.value) for each in waiting] == [("raised", 0.21), ("cleared", 0.03)]
    await outbox.mark_sent(waiting[0])
    assert [each.kind for each in await outbox.unsent(since=NOW)] == ["cleared"]
    assert await outbox.unsent(since=NOW + timedelta(minutes=2)) == []


async def test_silenced_alerts_are_not_sent_and_neither_are_those_that_follow(
    book: AlertBook, outbox: AlertOutbox, table: LedgerReader
) -> None:
    await book.record([change(raised()), change(raised("B"))])
    until = datetime.now(UTC) + timedelta(hours=1)
    await book.silence(raised().alert_id, by="ana", reason="known", until=until)
    await book.record([change(cleared(raised()))])
    await book.record([change(raised(at=NOW + timedelta(minutes=5)))])
    assert [each.alert.subject for each in await outbox.unsent(since=NOW)] == ["B"]
    # The hour is over.
    table.execute("UPDATE monitoring.alerts SET silenced_until = now() WHERE subject = 'AMT_CREDIT'")
    silence_over = await outbox.unsent(since=NOW)
    assert [each.kind for each in silence_over if each.alert.subject == "AMT_CREDIT"] == [
        "raised",
        "cleared",
        "raised",
    ]


async def test_what_the_receiver_has_not_taken_is_sent_again_and_the_rest_once(
    book: AlertBook, outbox: AlertOutbox
) -> None:
    await book.record([change(raised(name, NOW + timedelta(seconds=n))) for n, name in enumerate("ABC")])
    stop = asyncio.Event()
    with running_receiver() as receiver:
        async with httpx.AsyncClient() as client:
            settings = WebhookSettings(
                url=SecretStr(receiver.url), secret=SecretStr(SECRET), within=timedelta(0)
            )
            webhook = Webhook(client, settings)
            receiver.answers = [204, 400, 500]
            with pytest.raises(UnavailableError, match="answers 500"):
                await send_waiting(outbox, webhook, since=NOW, stop=stop)
            assert await send_waiting(outbox, webhook, since=NOW, stop=stop) == 2
            assert await send_waiting(outbox, webhook, since=NOW, stop=stop) == 0
    assert [taken["subject"] for taken in receiver.taken] == ["A", "B", "C"]


async def test_without_tables_the_cure_is_told(postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        opened = Database(DatabaseSettings(url=SecretStr(url)))
        with pytest.raises(FatalError, match=r"alembic -c infra/postgres/alembic\.ini upgrade head"):
            await AlertBook(opened).state()
        await opened.close()


async def test_a_server_that_is_away_or_slow_is_worth_another_try(database_url: str) -> None:
    away = Database(DatabaseSettings(url=SecretStr(f"postgresql://o:o@127.0.0.1:{free_port()}/o")))
    with pytest.raises(UnavailableError, match="PostgreSQL"):
        await AlertBook(away).state()
    slow = Database(DatabaseSettings(url=SecretStr(database_url)))
    with pytest.raises(UnavailableError, match="in time"):
        await AlertBook(slow, within=timedelta(0)).state()
    await away.close()
    await slow.close()
