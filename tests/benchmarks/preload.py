"""Puts applications into the topic before anything is timed."""

import asyncio
from collections.abc import Iterator

from services.kit.producer import producer
from services.kit.settings import KafkaSettings, StreamSettings
from services.replay.sending import send_all
from services.scorecard.table import Cells


def preload(kafka: KafkaSettings, rows: Iterator[Cells], run: str) -> None:
    """Send the rows as applications of `run`."""
    asyncio.run(_preload(kafka, rows, run))


async def _preload(kafka: KafkaSettings, rows: Iterator[Cells], run: str) -> None:
    sender = producer(kafka, StreamSettings())
    await sender.start()
    await send_all(sender, rows, run, rate=None, on_sent=lambda _: None)
    await sender.stop()
