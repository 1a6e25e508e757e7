"""Reads all partitions of a topic without a group: for what every process must see itself."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from services.kit.records import Partition, Record
from services.kit.settings import KafkaSettings, StreamSettings

log = structlog.stdlib.get_logger("kafka")


async def follow(
    topic: str,
    take: Callable[[Record], None],
    kafka: KafkaSettings,
    settings: StreamSettings,
    *,
    start: Literal["earliest", "latest"],
    stop: asyncio.Event,
    attached: Callable[[bool], None] = lambda _: None,
) -> None:
    """Give `take` every committed record from `start` on, until `stop`.

    `attached` is told when reading begins, from when on nothing is missed, and when it is interrupted.
    After an interruption it begins at `start` again: from the earliest nothing is missed and `take`
    sees records anew, from the latest what was written meanwhile is missed.
    """
    while not stop.is_set():
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=kafka.bootstrap_servers,
            auto_offset_reset=start,
            isolation_level="read_committed",
            request_timeout_ms=int(settings.request_timeout.total_seconds() * 1000),
            metadata_max_age_ms=30_000,
        )
        try:
            await consumer.start()
            for partition in consumer.assignment():
                await consumer.position(partition)
            attached(True)
            await _read(consumer, take, settings, stop)
        except KafkaError as error:
            log.warning("topic_not_followed", topic=topic, error=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), settings.retry_longest.total_seconds())
        finally:
            attached(False)
            await consumer.stop()


async def _read(
    consumer: AIOKafkaConsumer, take: Callable[[Record], None], settings: StreamSettings, stop: asyncio.Event
) -> None:
    wait = int(settings.poll_wait.total_seconds() * 1000)
    while not stop.is_set():
        for target, raws in (await consumer.getmany(timeout_ms=wait)).items():
            for r in raws:
                take(Record(Partition(*target), r.offset, r.timestamp, r.key, r.value, tuple(r.headers)))
