"""Where records are gone that a stage has not read, it says so, and decides nothing a second time."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import RecordsToDelete
from structlog.testing import capture_logs

from tests.integration.kit.scene import KafkaScene, keys, numbered, running
from tests.integration.kit.waiting import until

pytestmark = pytest.mark.kafka


async def stands_at(kafka: KafkaScene, offset: int) -> None:
    """Let the group have done what comes before an offset."""
    member = AIOKafkaConsumer(
        bootstrap_servers=kafka.kafka.bootstrap_servers, group_id=kafka.names.group, enable_auto_commit=False
    )
    async with member:
        target = TopicPartition(kafka.names.source, 0)
        member.assign([target])
        await member.commit({target: offset})


async def copied(kafka: KafkaScene, count: int) -> None:
    async def all_are_there() -> bool:
        return len(await kafka.read(kafka.names.target)) >= count

    await until(all_are_there)


async def test_what_was_removed_before_it_was_read_is_told(kafka: KafkaScene) -> None:
    names, target = kafka.names, TopicPartition(kafka.names.source, 0)
    await kafka.send(names.source, 0, numbered(10))
    await stands_at(kafka, 3)
    async with kafka.admin() as admin:
        await admin.delete_records({target: RecordsToDelete(before_offset=6)})
    with capture_logs() as logs:
        async with running(kafka, names.copy):
            await copied(kafka, 4)
    assert keys(await kafka.read(names.target)) == [b"6", b"7", b"8", b"9"]
    (gone,) = (each for each in logs if each["event"] == "records_gone")
    assert (gone["topic"], gone["next"], gone["goes_on"]) == (names.source, 3, 6)


async def test_a_log_that_has_lost_its_end_is_not_read_anew(kafka: KafkaScene) -> None:
    names = kafka.names
    await kafka.send(names.source, 0, numbered(10))
    await stands_at(kafka, 1000)

    with capture_logs() as logs:
        async with running(kafka, names.copy):

            async def is_told() -> bool:
                return any(each["event"] == "records_gone" for each in logs)

            await until(is_told)
            await kafka.send(names.source, 0, numbered(2, start=10))
            await copied(kafka, 2)
    assert keys(await kafka.read(names.target)) == [b"10", b"11"]
