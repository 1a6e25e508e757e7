"""What is told of a group to somebody who is no member."""

from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from infra.local.memory_kafka import MemoryKafka
from services.kit.errors import UnavailableError
from services.kit.group_offsets import group_offsets
from tests.integration.kit.scene import KafkaScene
from tests.integration.kit.waiting import alone
from tests.parts import running_part


async def commit(scene: KafkaScene, group: str, partition: int, offset: int) -> TopicPartition:
    """Write a record and commit an offset as a member does; it is told what it has committed."""
    target = TopicPartition(scene.names.source, partition)
    bootstrap = scene.kafka.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(target.topic, b"one", partition=partition)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign([target])
        await consumer.commit({target: offset})
        assert await consumer.committed(target) == offset
    return target


@pytest.mark.kafka
async def test_it_is_the_next_offset_of_each_partition_that_has_one(kafka: KafkaScene) -> None:
    group, other = f"group-{uuid4()}", f"other-{uuid4()}"
    target = await commit(kafka, group, 1, 7)
    async with kafka.admin() as admin:
        assert await group_offsets(admin, group) == {target: 7}
        assert await group_offsets(admin, other) == {}


async def test_the_stand_in_does_not_tell_it_and_that_is_not_taken_for_nothing(tmp_path: Path) -> None:
    broker = MemoryKafka(tmp_path)
    with running_part(broker, tmp_path / "kafka.log"):
        scene = KafkaScene(broker.bootstrap())
        await commit(scene, "group", 0, 1)
        async with scene.admin() as admin:
            with pytest.raises(UnavailableError, match="does not tell what group has committed"):
                await group_offsets(admin, "group")
        await alone()
