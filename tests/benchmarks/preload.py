"""Puts applications into the topic before anything is timed."""

import asyncio
from collections import deque
from collections.abc import Iterator

from services.kit.kafka_settings import KafkaSettings
from services.kit.producer import producer
from services.kit.stream_settings import StreamSettings
from services.replay.sending import send_all
from services.scorecard.table import Cells


def preload(kafka: KafkaSettings, rows: Iterator[Cells], run: str, rate: float | None = None) -> str:
    """Send the rows as applications of `run`, so many a second, and return the id of the last one."""
    return asyncio.run(_preload(kafka, rows, run, rate))


async def _preload(kafka: KafkaSettings, rows: Iterator[Cells], run: str, rate: float | None) -> str:
    last = deque[str](maxlen=1)
    sender = producer(kafka, StreamSettings())
    await sender.start()
    await send_all(sender, rows, run, rate=rate, on_sent=last.extend)
    await sender.stop()
    return last[0]
