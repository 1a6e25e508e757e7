"""Alerts from a tick to Kafka and the webhook: each once, whoever ticks and whatever is away for a while."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.contracts.alerts import DriftCleared, DriftDetected, ModelHealthDegraded
from services.contracts.codec import attribute, decode
from services.contracts.topics import ALERTS
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import FatalError, UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.registered_model import RegisteredModel
from services.kit.transport import KafkaTransport
from services.monitoring.alert_book import AlertBook
from services.monitoring.alert_delivery import AlertTelling
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.alert_rules import AlertRule, AlertRules
from services.monitoring.alerting import Alerting
from services.monitoring.champion import Champion, Watched
from services.monitoring.measurements import Measure, about
from services.monitoring.realised import judged, realised
from services.monitoring.retraining import Retraining
from services.monitoring.summary import WindowSummary
from services.monitoring.webhook import Webhook
from services.monitoring.webhook_settings import WebhookSettings
from services.scorecard.catalogue import Matrix
from services.scorecard.policy import load_policy
from tests.engine import free_port
from tests.integration.kit.scene import FAST, KafkaScene
from tests.integration.kit.topics import make_topics
from tests.integration.kit.waiting import until
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.ledger_rows import loans_of, write_to_ledger
from tests.unit.monitoring.alert_examples import START, feature, rule, summary
from tests.unit.monitoring.population import CATALOGUE, champion_of, watched_of
from tests.unit.monitoring.receiver import SECRET, Receiver, running_receiver

pytestmark = pytest.mark.postgres
DRIFT = rule(**{"for": 2})
DISAGREES = rule(
    name="disagrees",
    metric="shadow.agreement",
    comparison="below",
    threshold=0.99,
    clear_at=...,
    **{"for": 1},
)
AUC_LOW = rule(
    name="auc-low",
    metric="performance.auc",
    comparison="below",
    threshold=0.7,
    clear_at=...,
    window=...,
    sentence="AUC is {value:.2f}",
    **{"for": 2},
)
MANY = rule(name="many", metric="drifted", threshold=1, clear_at=..., retrain=True, **{"for": 1})
NEAR, FAR = 0.02, 0.3
DAY = timedelta(days=1)
EMPTY: Mapping[Measure, float | None] = MappingProxyType({})


class WithChallenger(Champion):
    """A champion beside which a challenger is heard, as the registry would say."""

    def __init__(self, watched: Watched, heard: str | None) -> None:
        super().__init__(RegisteredModel(), load_policy(), CATALOGUE)
        self.current, self.heard = watched, heard

    @property
    def challenger(self) -> str | None:
        return self.heard


class Ticks:
    """An instance that ticks."""

    def __init__(
        self,
        database: Database,
        champion: Champion,
        *rules: AlertRule,
        retraining: Retraining | None = None,
    ) -> None:
        self.book = AlertBook(database)
        nobody = Retraining(database, (), DAY)
        known = AlertRules(rules=rules or (DRIFT,))
        self.alerting = Alerting(self.book, known, champion, retraining or nobody)
        self._champion = champion

    async def see(self, *distances: float, shadow: bool = True) -> None:
        """Tick with a credit amount so far from the reference."""
        unheard: dict[str, Any] = {} if shadow else {"shadow": None}
        for distance in distances:
            told = feature(distance=distance, drifted=distance >= 0.1)
            segments = [summary(told, segment=name, **unheard) for name in ("all", "web")]
            await self.tell(segments)

    async def tell(
        self, summaries: Sequence[WindowSummary] = (), engine: Mapping[Measure, float | None] = EMPTY
    ) -> None:
        """Tick with what is told of the present champion."""
        watched = self._champion.current
        assert watched is not None
        await self.alerting.tell(watched, summaries, engine)

    async def firing(self) -> list[str]:
        return [alert.rule for alert in await self.book.alerts(firing=True)]


@asynccontextmanager
async def telling(
    database: Database, kafka: KafkaSettings, receiver: Receiver | None = None
) -> AsyncIterator[None]:
    """Run the task that tells of alerts."""
    async with httpx.AsyncClient() as client:
        webhook = None
        if receiver is not None:
            settings = WebhookSettings(
                url=SecretStr(receiver.url), secret=SecretStr(SECRET), within=timedelta(0)
            )
            webhook = Webhook(client, settings)
        told = AlertTelling(
            AlertOutbox(database),
            KafkaTransport(kafka, FAST).publisher,
            webhook=webhook,
            newest=DAY,
            every=timedelta(milliseconds=20),
        )
        stop = asyncio.Event()
        running = asyncio.create_task(told.run(stop))
        yield
        stop.set()
        await running


def away() -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")


@pytest.mark.kafka
async def test_each_raise_and_each_clear_is_one_event_on_the_topic(
    database: Database, champion: Champion, kafka_bootstrap: str, table: LedgerReader
) -> None:
    await make_topics(kafka_bootstrap, ALERTS.name, partitions=1)
    broker = KafkaScene(kafka_bootstrap, partitions=1)
    before = len(await broker.read(ALERTS.name))
    ticks = Ticks(database, champion)

    async def waits_for_nobody() -> bool:
        return bool(table.rows("SELECT FROM monitoring.alerts HAVING bool_and(published_at IS NOT NULL)"))

    async with telling(database, away()):
        await ticks.see(FAR, FAR, FAR)
    # While Kafka was away nothing was told; another instance tells it, beside the first.
    async with telling(database, broker.kafka):
        await until(waits_for_nobody)
        await ticks.see(NEAR, NEAR, NEAR)
        await until(waits_for_nobody)
        await ticks.see(FAR, FAR, FAR)
        await until(waits_for_nobody)
    records = (await broker.read(ALERTS.name))[before:]
    kinds = [attribute(record.headers, "ce_type") for record in records]
    assert kinds == [each.event_type() for each in (DriftDetected, DriftCleared, DriftDetected)]
    first, cleared, again = (
        decode(kind, record.value, record.headers)
        for kind, record in zip((DriftDetected, DriftCleared, DriftDetected), records, strict=True)
    )
    assert len({first.alert_id, cleared.alert_id, again.alert_id}) == 3
    alerts = await ticks.book.alerts()
    assert {first.alert_id, again.alert_id} == {alert.alert_id for alert in alerts}
    assert first.raised_at < cleared.raised_at < again.raised_at


async def test_a_webhook_that_fails_gets_each_notice_in_a_later_round_and_once(
    database: Database, champion: Champion
) -> None:
    ticks = Ticks(database, champion)
    with running_receiver() as receiver:
        receiver.answers = [500, 404, 503]
        # That Kafka is away keeps no notice from the webhook.
        async with telling(database, away(), receiver):
            await ticks.see(FAR, FAR)
            await until(lambda: len(receiver.taken) == 1)
            await ticks.see(NEAR, NEAR)
            await until(lambda: len(receiver.taken) == 2)
        assert not receiver.answers
        assert [(each["notice"], each["subject"]) for each in receiver.taken] == [
            ("raised", "AMT_CREDIT"),
            ("cleared", "AMT_CREDIT"),
        ]
        assert len({each["alert_id"] for each in receiver.taken}) == 1
    assert await AlertOutbox(database).unsent(since=START) == []


async def test_what_another_instance_raised_or_cleared_in_between_is_known(
    database: Database, champion: Champion
) -> None:
    first, second = Ticks(database, champion), Ticks(database, champion)
    await first.see(FAR, FAR)
    await second.see(NEAR, NEAR)
    assert await second.firing() == []
    # The first leads again: its alert is over, so that this is another one.
    await first.see(FAR, FAR)
    assert await first.firing() == [DRIFT.name]
    await second.see(FAR, FAR)
    await second.see(NEAR, NEAR)
    await first.see(NEAR, NEAR)
    alerts = await first.book.alerts()
    assert [alert.cleared_at is None for alert in alerts] == [False, False]


async def test_a_tick_that_could_not_be_recorded_is_decided_again(
    database: Database, champion: Champion, table: LedgerReader
) -> None:
    ticks = Ticks(database, champion)
    await ticks.see(FAR)
    table.execute("ALTER TABLE monitoring.alerts RENAME TO elsewhere")
    with pytest.raises(FatalError):
        await ticks.see(FAR)
    table.execute("ALTER TABLE monitoring.elsewhere RENAME TO alerts")
    await ticks.see(FAR)
    assert await ticks.firing() == [DRIFT.name]


async def test_an_alert_is_not_recorded_before_the_training_that_it_asks_for(
    database: Database, champion: Champion
) -> None:
    away_too = Database(DatabaseSettings(url=SecretStr(f"postgresql://o:o@127.0.0.1:{free_port()}/o")))
    ticks = Ticks(database, champion, MANY, retraining=Retraining(away_too, ("train",), DAY))
    with pytest.raises(UnavailableError):
        await ticks.see(FAR)
    assert await ticks.firing() == []
    retraining = Retraining(database, ("train",), DAY)
    await Ticks(database, champion, MANY, retraining=retraining).see(FAR, FAR)
    [alert] = await ticks.book.alerts(firing=True)
    assert [each["training_id"] for each in await retraining.listed()] == [alert.alert_id]
    await away_too.close()


async def test_alerts_about_a_challenger_that_has_gone_end(database: Database, champion: Champion) -> None:
    watched = champion.current
    assert watched is not None
    compared = WithChallenger(watched, "8")
    ticks = Ticks(database, compared, DRIFT, DISAGREES)
    await ticks.see(FAR, FAR)
    assert sorted(await ticks.firing()) == [DISAGREES.name, DRIFT.name]
    compared.heard = "9"
    await ticks.see(FAR)
    assert sorted(await ticks.firing()) == [DISAGREES.name, DRIFT.name]
    compared.heard = None
    await ticks.see(FAR, shadow=False)
    assert await ticks.firing() == [DRIFT.name]


async def test_alerts_on_features_that_a_new_champion_does_not_monitor_end_without_an_event(
    database: Database, champion: Champion, matrix: Matrix
) -> None:
    assert champion.current is not None
    moving = champion_of(champion.current)
    ticks = Ticks(database, moving)
    await ticks.see(FAR, FAR)
    outbox = AlertOutbox(database)
    await outbox.mark_published((await outbox.unpublished())[0])
    moving.current = watched_of(matrix, version="8", monitored=("EXT_SOURCE_3", "DAYS_BIRTH"))
    await ticks.tell()
    assert await ticks.firing() == []
    assert await outbox.unpublished() == []


def auc(value: float | None) -> dict[Measure, float | None]:
    return {about("performance.auc"): value}


async def test_what_outcomes_of_the_former_champions_decisions_say_is_not_told_of_the_present_one(
    database: Database, database_url: str, champion: Champion, matrix: Matrix
) -> None:
    await write_to_ledger(database_url, loans_of("7", upside_down=True) + loans_of("8", upside_down=False))

    async def see() -> None:
        watched = moving.current
        assert watched is not None
        known = await realised(database, watched.version, watched.bundle.costs)
        await ticks.tell(engine=judged(known))

    assert champion.current is not None
    moving = champion_of(champion.current)
    ticks, outbox = Ticks(database, moving, AUC_LOW), AlertOutbox(database)
    await see()
    await see()
    [degraded] = [each.notice.event for each in await outbox.unpublished()]
    assert isinstance(degraded, ModelHealthDegraded)
    assert (degraded.model_version, degraded.metric, degraded.value) == ("7", "auc", 0.0)
    await outbox.mark_published((await outbox.unpublished())[0])
    moving.current = watched_of(matrix, version="8")
    for _ in range(3):
        await see()
        assert await ticks.firing() == []
    moving.current = watched_of(matrix, version="9")
    for _ in range(3):
        await see()
    assert len(await ticks.book.alerts()) == 1
    assert await outbox.unpublished() == []


async def test_a_new_champion_has_its_own_alert_and_its_own_ticks(
    database: Database, champion: Champion, matrix: Matrix
) -> None:
    assert champion.current is not None
    moving = champion_of(champion.current)
    ticks, outbox = Ticks(database, moving, AUC_LOW), AlertOutbox(database)
    await ticks.tell(engine=auc(0.6))
    moving.current = watched_of(matrix, version="8")
    await ticks.tell(engine=auc(0.6))
    assert await ticks.firing() == []
    await ticks.tell(engine=auc(0.6))
    moving.current = watched_of(matrix, version="9")
    for _ in range(2):
        await ticks.tell(engine=auc(0.5))
    events = [each.notice.event for each in await outbox.unpublished()]
    assert [each.model_version for each in events if isinstance(each, ModelHealthDegraded)] == ["8", "9"]
    assert await ticks.firing() == [AUC_LOW.name]


@pytest.mark.parametrize(("known", "firing"), [(0.6, [AUC_LOW.name]), (None, [])])
async def test_after_a_start_an_alert_on_outcomes_goes_on_if_there_are_any(
    database: Database, champion: Champion, known: float | None, firing: list[str]
) -> None:
    before = Ticks(database, champion, AUC_LOW)
    await before.tell(engine=auc(0.6))
    await before.tell(engine=auc(0.6))
    ticks = Ticks(database, champion, AUC_LOW)
    await ticks.tell(engine=auc(known))
    assert await ticks.firing() == firing
    # While it goes on, one look that finds nothing ends nothing.
    await ticks.tell(engine=auc(None))
    assert await ticks.firing() == firing


async def test_an_event_names_the_champion_that_the_figures_are_of(
    database: Database, champion: Champion, matrix: Matrix
) -> None:
    former = champion.current
    assert former is not None
    moving = champion_of(former)
    ticks = Ticks(database, moving, AUC_LOW)
    await ticks.tell(engine=auc(0.6))
    # Promoted while the tick is on its way.
    moving.current = watched_of(matrix, version="8")
    await ticks.alerting.tell(former, [], auc(0.6))
    [waiting] = await AlertOutbox(database).unpublished()
    assert isinstance(waiting.notice.event, ModelHealthDegraded)
    assert waiting.notice.event.model_version == "7"
