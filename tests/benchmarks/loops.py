"""The stream loop against a plain consume-produce loop: what exactly-once costs."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import CollectorRegistry

from services.kit.dead_letters import DeadLetterOffice
from services.kit.delivery import TransactionalDelivery
from services.kit.kafka import KafkaConnection
from services.kit.metrics import StageMetrics
from services.kit.progress import Progress
from services.kit.records import Emit, Message, Record
from services.kit.settings import KafkaSettings, StreamSettings
from services.kit.stream import Stage

PARTITIONS = 4
Loop = Callable[[KafkaSettings, str, str, int], Coroutine[None, None, float]]


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


async def plain_loop(kafka: KafkaSettings, source: str, target: str, count: int) -> float:
    """Return records per second of aiokafka alone: poll, send, await, commit; at least once."""
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
        done, begun = 0, monotonic()
        while done < count:
            batches = await consumer.getmany(timeout_ms=200, max_records=1000)
            records = [record for batch in batches.values() for record in batch]
            sent = [await producer.send(target, r.value, key=r.key, partition=r.partition) for r in records]
            await asyncio.gather(*sent)
            if records:
                await consumer.commit()
            done += len(records)
        return count / (monotonic() - begun)


async def stage_loop(kafka: KafkaSettings, source: str, target: str, count: int) -> float:
    """Return records per second of a stage that copies: the same work, exactly once."""
    group, settings, stop = f"stage-{uuid4()}", StreamSettings(), asyncio.Event()
    done, complete = 0, asyncio.Event()

    def copy(records: Sequence[Record]) -> list[Emit[Message]]:
        nonlocal done
        done += len(records)
        if done >= count:
            complete.set()
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
    begun = monotonic()
    running = asyncio.create_task(stage.run(stop))
    await complete.wait()
    stop.set()
    await running
    return count / (monotonic() - begun)
