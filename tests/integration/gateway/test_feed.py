"""The decisions' feed on real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from services.gateway.arrivals import Arrivals
from services.gateway.feed import DecisionFeed
from services.kit.settings import KafkaSettings, StreamSettings
from tests.integration.gateway.scene import decision, make_topics, until

pytestmark = pytest.mark.kafka


class Scene:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.topic = f"decisions-{uuid4()}"
        self.arrivals = Arrivals(remembered=100)
        self.stop = asyncio.Event()

    def start(self) -> asyncio.Task[None]:
        kafka = KafkaSettings(bootstrap_servers=self.bootstrap)
        feed = DecisionFeed(self.topic, self.arrivals, kafka, StreamSettings())
        return asyncio.create_task(feed.run(self.stop))

    async def reading(self) -> None:
        await until(lambda: self.arrivals.reading)

    async def arrives(self, name: str) -> bool:
        with self.arrivals.expect(name) as expectation:
            return await expectation.decision(within=60) is not None

    def transactional(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"test-{uuid4()}")


@pytest.fixture
async def scene(kafka_bootstrap: str) -> AsyncIterator[Scene]:
    scene = Scene(kafka_bootstrap)
    await make_topics(kafka_bootstrap, scene.topic)
    task = scene.start()
    await scene.reading()
    yield scene
    scene.stop.set()
    await task


async def send(
    producer: AIOKafkaProducer, topic: str, name: str, partition: int = 0, **changes: object
) -> None:
    made = decision(name, **changes)
    headers = list(made.headers)
    await producer.send_and_wait(topic, made.value, key=made.key, headers=headers, partition=partition)


async def test_only_committed_decisions_arrive(scene: Scene) -> None:
    async with scene.transactional() as producer:
        await producer.begin_transaction()
        await send(producer, scene.topic, "a-1", score=300)
        await producer.abort_transaction()
        async with producer.transaction():
            await send(producer, scene.topic, "a-1", score=700)
    assert await scene.arrives("a-1")
    latest = scene.arrivals.latest("a-1")
    assert latest is not None
    assert latest.score == 700


async def test_decisions_of_all_partitions_arrive_also_of_new_ones(scene: Scene) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=scene.bootstrap)
    await admin.start()
    await admin.create_partitions({scene.topic: NewPartitions(4)})
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=scene.bootstrap) as producer:
        for partition in range(4):
            await send(producer, scene.topic, f"a-{partition}", partition)
    for partition in range(4):
        assert await scene.arrives(f"a-{partition}")


async def test_what_came_before_the_start_is_not_read(scene: Scene) -> None:
    async with AIOKafkaProducer(bootstrap_servers=scene.bootstrap) as producer:
        await send(producer, scene.topic, "before")
        assert await scene.arrives("before")
        late = Scene(scene.bootstrap)
        late.topic = scene.topic
        task = late.start()
        await late.reading()
        await send(producer, scene.topic, "after")
        assert await late.arrives("after")
        assert late.arrivals.latest("before") is None
        late.stop.set()
        await task
