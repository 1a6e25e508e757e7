"""The operators' interface as it is served, and a client that may operate."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from services.kit.stream_settings import StreamSettings
from services.kit.transport import KafkaTransport
from services.monitoring.alert_book import AlertBook
from services.monitoring.application import create_application
from services.monitoring.champion import Champion
from services.monitoring.history import History
from services.monitoring.large_answers import LargeAnswers
from services.monitoring.looks import looks_of
from services.monitoring.parts import Parts
from services.monitoring.pipeline import Pipeline
from services.monitoring.places import MOST_STREAMS
from services.monitoring.places import streams as places_of_streams
from services.monitoring.recent import RecentRows
from services.monitoring.report_pages import ReportPages
from services.monitoring.reporting import Reporter, ReportSettings
from services.monitoring.retraining import Retraining
from services.monitoring.settings import MonitoringSettings


@asynccontextmanager
async def made(
    folder: Path,
    *,
    database: Database,
    kafka: KafkaSettings,
    champion: Champion,
    role: Role = Role.OPERATE,
    stopping: Callable[[], bool] = lambda: False,
    streams: int = MOST_STREAMS,
    large: LargeAnswers | None = None,
    mlflow: str = "",
) -> AsyncIterator[tuple[FastAPI, str]]:
    """Give the application, and a key: by default an operator's."""
    shown, kept = make_key(role, now=datetime.now(UTC))
    keys = folder / "keys.json"
    write_keys(keys, [kept])
    told = {"OCTROI_API_KEYS_FILE": keys, "allowed_hosts": "monitoring,127.0.0.1"}
    settings = MonitoringSettings.model_validate(told)
    async with httpx.AsyncClient(base_url=mlflow) as registry:
        rows = RecentRows(kafka, champion, settings.last).read
        history = History(database, keep_ticks=settings.keep_ticks, keep_hours=settings.keep_hours)
        pipeline = Pipeline(database, kafka, champion)
        parts = Parts(
            settings=settings,
            database=database,
            kafka=kafka,
            publisher=KafkaTransport(kafka, StreamSettings()).publisher,
            champion=champion,
            history=history,
            looks=looks_of(database, champion, history, pipeline, window=settings.window),
            streams=places_of_streams(streams),
            large=large or LargeAnswers(),
            book=AlertBook(database),
            reporter=Reporter(database, ReportPages(registry), rows, ReportSettings()),
            retraining=Retraining(database, (), timedelta(days=1)),
            keys=KeyRing(keys),
            stopping=stopping,
        )
        yield create_application(parts, CollectorRegistry(), alive=lambda: (), ready=lambda: ()), shown


@asynccontextmanager
async def interface(
    folder: Path,
    *,
    database: Database,
    kafka: KafkaSettings,
    champion: Champion,
    stopping: Callable[[], bool] = lambda: False,
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the interface, with the key of an operator."""
    making = made(folder, database=database, kafka=kafka, champion=champion, stopping=stopping)
    async with (
        making as (application, shown),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(application),
            base_url="http://monitoring",
            headers={"X-API-Key": shown},
        ) as client,
    ):
        yield client
