"""The stream loop against a plain consume-produce loop: what the client can do, and what exactly-once costs.

Each runs in a process of its own: services change Kafka's client for the whole of theirs. What counts
begins with the first records that are here: a group's joining is none of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from time import monotonic, process_time
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import CollectorRegistry

from services.kit.dead_letters import DeadLetterOffice
from services.kit.delivery import TransactionalDelivery
from services.kit.kafka import KafkaConnection
from services.kit.kafka_settings import KafkaSettings
from services.kit.lifecycle import run_service
from services.kit.metrics import StageMetrics
from services.kit.progress import Progress
from services.kit.records import Emit, Message, Record
from services.kit.stream import Stage
from services.kit.stream_settings import StreamSettings

PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Copied:
    """What it took to copy records from topic to topic."""

    seconds: float
    processor: float
    """Seconds of the loop's own process, the broker's not among them."""


class Watch:
    """Tells what has passed since it was made."""

    def __init__(self) -> None:
        self._begun, self._processor = monotonic(), process_time()

    def copied(self) -> Copied:
        """Return it."""
        return Copied(monotonic() - self._begun, process_time() - self._processor)


Loop = Callable[[KafkaSettings, str, str, int], Copied]


def alone(loop: Loop, kafka: KafkaSettings, values: Sequence[bytes], count: int) -> Copied:
    """Let a loop copy `count` records, from a topic of its own to another, in a process of its own."""
    source, target = f"bench-{uuid4()}", f"bench-{uuid4()}"
    asyncio.run(fill(kafka, source, values, count))
    asyncio.run(fill(kafka, target, values, 0))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(loop, kafka, source, target, count).result()


def plain(kafka: KafkaSettings, source: str, target: str, count: int) -> Copied:
    """Copy by aiokafka alone, in batches of 256 kB: with its own 16 kB these would be the limit."""
    return asyncio.run(_plain_loop(kafka, source, target, count))


def staged(kafka: KafkaSettings, source: str, target: str, count: int) -> Copied:
    """Copy by a stage, run as services are."""
    copied: list[Copied] = []

    async def main(stop: asyncio.Event) -> None:
        copied.append(await _stage_loop(kafka, source, target, count, stop))

    if code := run_service(main, grace=timedelta(seconds=10)):
        raise RuntimeError(f"the stage ended with {code}: its log says why")
    return copied[0]


async def fill(kafka: KafkaSettings, topic: str, values: Sequence[bytes], count: int) -> None:
    """Make a topic and write `count` records, repeating `values`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    await admin.close()
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers, acks="all", max_batch_size=256 * 1024, linger_ms=5
    )
    async with producer:
        for start in range(0, count, 1000):
            numbers = range(start, min(start + 1000, count))
            sent = [
                await producer.send(
                    topic, values[n % len(values)], key=str(n).encode(), partition=n % PARTITIONS
                )
                for n in numbers
            ]
            await asyncio.gather(*sent)


async def _plain_loop(kafka: KafkaSettings, source: str, target: str, count: int) -> Copied:
    """Poll, send, await, commit; at least once."""
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=kafka.bootstrap_servers,
        group_id=f"plain-{uuid4()}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers, acks="all", max_batch_size=256 * 1024
    )
    async with consumer, producer:
        done, watch = 0, Watch()
        while done < count:
            batches = await consumer.getmany(timeout_ms=200, max_records=1000)
            records = [record for batch in batches.values() for record in batch]
            watch = watch if done else Watch()
            sent = [await producer.send(target, r.value, key=r.key, partition=r.partition) for r in records]
            await asyncio.gather(*sent)
            if records:
                await consumer.commit()
            done += len(records)
        return watch.copied()


async def _stage_loop(
    kafka: KafkaSettings, source: str, target: str, count: int, stop: asyncio.Event
) -> Copied:
    """Do the same work, exactly once."""
    group, settings, loop = f"stage-{uuid4()}", StreamSettings(), asyncio.get_running_loop()
    done, watch = 0, Watch()

    def copy(records: Sequence[Record]) -> list[Emit[Message]]:
        nonlocal done, watch
        watch = watch if done else Watch()
        done += len(records)
        if done >= count:
            loop.call_soon_threadsafe(stop.set)
        return [Emit((Message(target, record.key, record.value),)) for record in records]

    stage = Stage(
        lambda: KafkaConnection(
            [source],
            group=group,
            instance="1",
            delivery=TransactionalDelivery(group, kafka, settings),
            kafka=kafka,
            settings=settings,
        ),
        copy,
        office=DeadLetterOffice("unused", "copy", lambda: datetime.now(UTC)),
        settings=settings,
        metrics=StageMetrics(CollectorRegistry()),
        progress=Progress(turn_within=timedelta(minutes=1)),
    )
    await stage.run(stop)
    return watch.copied()
