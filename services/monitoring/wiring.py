"""The parts of the monitoring service, made from its settings and put together."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.environment import read
from services.kit.key_ring import KeyRing
from services.kit.logs import configure_logs
from services.kit.pause import pause
from services.kit.probes import Check
from services.kit.records import Record
from services.kit.registered_model import RegisteredModel
from services.kit.service import StreamService, Task
from services.monitoring.alert_book import AlertBook
from services.monitoring.alert_delivery import AlertTelling
from services.monitoring.alert_metrics import Known
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.alert_rule_file import load_rules
from services.monitoring.alerting import Alerting
from services.monitoring.application import create_application
from services.monitoring.champion import Champion, Watched
from services.monitoring.counting import Counting
from services.monitoring.history import History
from services.monitoring.large_answers import LargeAnswers
from services.monitoring.looks import looks_of
from services.monitoring.measurements import Measure, about
from services.monitoring.metrics import MonitoringMetrics
from services.monitoring.parts import Parts
from services.monitoring.pipeline import Pipeline
from services.monitoring.places import streams
from services.monitoring.realised import judged, realised
from services.monitoring.recent import RecentRows
from services.monitoring.report_pages import ReportPages
from services.monitoring.reporting import Reporter, ReportSettings
from services.monitoring.retraining import Retraining
from services.monitoring.segments import Segments
from services.monitoring.settings import MonitoringSettings
from services.monitoring.summary import WindowSummary
from services.monitoring.ticking import Ticker
from services.monitoring.webhook import Webhook
from services.monitoring.webhook_settings import WebhookSettings
from services.monitoring.windows import SPANS
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue

THREADS: Final = Path("/proc/self/task")


class Monitoring:
    """All parts. Making it raises SettingsError, AlertRulesError and FatalError for what cannot be used."""

    def __init__(self, service: StreamService) -> None:
        configure_logs(service.name, service.service)
        settings, model, database = read(MonitoringSettings), read(RegisteredModel), read(DatabaseSettings)
        windows = (settings.window, *SPANS)
        rules = load_rules(settings.rules, Known(windows=windows, drifted_from=settings.drift_from))
        self._service = service
        self._settings = settings
        self._keys = KeyRing(settings.api_keys_file)
        self._stopping = asyncio.Event()
        self.looked = asyncio.Event()
        """Set once the registry was asked for the champion, whatever came of it."""
        self._database = Database(database)
        self.champion = Champion(model, load_policy(), standard_catalogue())
        self.counting = Counting(self._database, Segments(settings.channels, settings.contract_types))
        self.pipeline = Pipeline(self._database, service.kafka, self.champion)
        self._history = History(
            self._database, keep_ticks=settings.keep_ticks, keep_hours=settings.keep_hours
        )
        self._book = AlertBook(self._database)
        self.retraining = Retraining(self._database, settings.retrain, settings.retrain_every)
        self._alerting = Alerting(self._book, rules, self.champion, self.retraining)
        self.ticker = Ticker(
            self._database,
            self.champion,
            self._history,
            settings=settings,
            metrics=MonitoringMetrics(service.registry),
            tell=self._tell,
        )
        mlflow = httpx.AsyncClient(base_url=model.tracking_url, timeout=30)
        self._reporter = Reporter(
            self._database,
            ReportPages(mlflow),
            RecentRows(service.kafka, self.champion, settings.last).read,
            ReportSettings(every=settings.report_every, threshold=settings.drift_from),
        )
        self.telling = self._telling(read(WebhookSettings))

    def _telling(self, webhook: WebhookSettings) -> AlertTelling:
        return AlertTelling(
            AlertOutbox(self._database),
            self._service.transport.publisher,
            webhook=None if webhook.url is None else Webhook(httpx.AsyncClient(), webhook),
            newest=webhook.newest,
            every=self._settings.tick_every,
        )

    def application(self, alive: Check, ready: Check, registry: CollectorRegistry) -> ASGIApp:
        """Return the page and its interface, with the probes."""
        parts = Parts(
            settings=self._settings,
            database=self._database,
            kafka=self._service.kafka,
            publisher=self._service.transport.publisher,
            champion=self.champion,
            history=self._history,
            looks=looks_of(
                self._database, self.champion, self._history, self.pipeline, window=self._settings.window
            ),
            streams=streams(),
            large=LargeAnswers(),
            book=self._book,
            reporter=self._reporter,
            retraining=self.retraining,
            keys=self._keys,
            stopping=self._stopping.is_set,
        )
        return create_application(parts, registry, alive=alive, ready=ready)

    def following(self, topic: str, take: Callable[[Record], None]) -> Task:
        """Return a task that reads all of a topic."""
        transport = self._service.transport
        return transport.follow(topic, take, start="earliest", reading=asyncio.Event()).run

    async def follow_registry(self, stop: asyncio.Event) -> None:
        """Look the champion's alias up again and again until `stop`."""
        while not stop.is_set():
            await asyncio.to_thread(self.champion.refresh)
            if not self.looked.is_set():
                # Not before: a start that gives way to all others takes longer.
                _become_less_urgent(self._settings.niceness)
                self.looked.set()
            await pause(self._settings.poll_every, stop)
        self.looked.set()
        self._stopping.set()
        self.champion.close()

    async def report(self, stop: asyncio.Event) -> None:
        """Make reports until `stop`, from the moment on that there is a champion to compare with."""
        while self.champion.current is None and not stop.is_set():
            await pause(self._settings.poll_every, stop)
        await self._reporter.run(stop)

    async def _tell(self, watched: Watched, summaries: Sequence[WindowSummary]) -> None:
        await self._alerting.tell(watched, summaries, await self._engine(watched))

    async def _engine(self, watched: Watched) -> Mapping[Measure, float | None]:
        """Return the figures of the whole engine that alert rules know."""
        state = await self.pipeline.look()
        lags = [stage["lag"] for stage in state["stages"] if stage["lag"] is not None]
        known = await realised(self._database, watched.version, watched.bundle.costs)
        return {
            about("pipeline.lag"): max(lags, default=None),
            about("dead_letters"): state["dead_letters_last_hour"],
            **judged(known),
        }


def _become_less_urgent(niceness: int) -> None:
    """Let others go first. The kernel notes it of each thread; those that come later have it of the first."""
    for thread in THREADS.iterdir() if niceness else ():
        os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)
