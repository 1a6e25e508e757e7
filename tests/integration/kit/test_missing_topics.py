"""Nobody makes a topic by asking for it, where Kafka would let them."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError

from services.kit.errors import UnavailableError
from services.kit.follower import Follower
from services.kit.producer import producer
from tests.as_it_comes import make_by_asking, running_as_it_comes
from tests.integration.kit.scene import FAST, KafkaScene
from tests.integration.kit.waiting import alone, until

pytestmark = pytest.mark.kafka
SOON = FAST.model_copy(update={"request_timeout": timedelta(seconds=1)})
"""So long the client looks for a topic."""


@pytest.fixture
def willing(tmp_path: Path) -> Iterator[KafkaScene]:
    with running_as_it_comes(tmp_path) as broker:
        yield KafkaScene(broker.bootstrap())


async def ask_as_a_stage(scene: KafkaScene) -> None:
    connection = scene.connect(FAST, "1")
    try:
        with pytest.raises(UnavailableError, match="make the topics first"):
            await connection.open()
    finally:
        await connection.close()


async def ask_as_a_follower(scene: KafkaScene) -> None:
    stop, topic = asyncio.Event(), scene.names.target
    follower = Follower(topic, lambda _: None, scene.kafka, SOON, start="earliest", reading=asyncio.Event())
    following = asyncio.create_task(follower.run(stop))
    await until(lambda: follower.not_ready() != [f"{topic}: has not connected to Kafka yet"])
    assert follower.not_ready() == [f"{topic}: Kafka: UnknownTopicOrPartitionError()"]
    stop.set()
    await following


async def ask_as_a_producer(scene: KafkaScene) -> None:
    async with producer(scene.kafka, SOON) as owner:
        with pytest.raises(UnknownTopicOrPartitionError):
            await owner.send(scene.names.dead, b"nowhere")


async def test_who_asks_for_a_topic_that_is_missing_does_not_make_it(willing: KafkaScene) -> None:
    for ask in (ask_as_a_stage, ask_as_a_follower, ask_as_a_producer):
        await ask(willing)
    async with willing.admin() as admin:
        await admin.describe_topics(["described"])
        # What comes last was made last, if any was made.
        await make_by_asking(admin, "asked-for")
        topics = await admin.list_topics()
    assert [topic for topic in topics if not topic.startswith("__")] == ["asked-for"]
    await alone()
