"""Messages that are published together, on Kafka."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NotEnoughReplicasError
from aiokafka.protocol.produce import ProduceRequest, ProduceResponse_v7

from services.kit.errors import UnavailableError
from services.kit.publisher import Publisher
from services.kit.records import Message
from tests.integration.kit.scene import FAST, KafkaScene
from tests.integration.kit.waiting import alone

WITHIN = timedelta(seconds=20)


async def test_many_together_go_where_each_alone_would(kafka: KafkaScene) -> None:
    target, names = kafka.names.target, [b"key-%d" % number for number in range(20)]
    async with Publisher(kafka.kafka, FAST, within=WITHIN) as publisher:
        for name in names:
            await publisher.publish(Message(target, name, b"alone", (("ce_id", name),)))
        many = [Message(target, name, b"together", (("ce_id", name),)) for name in names]
        assert await publisher.publish_all(many) == [True] * len(names)
    records = await kafka.read(target)
    places = {(record.partition.number, record.key, record.headers) for record in records}
    assert len(records) == 2 * len(places) == 2 * len(names)
    assert {number for number, *_ in places} == set(range(kafka.partitions))
    assert min(record.timestamp for record in records) > 0


async def test_more_than_a_request_holds_keeps_its_order(kafka: KafkaScene) -> None:
    many = [Message(kafka.names.target, b"key", b"%d" % number + bytes(300_000)) for number in range(5)]
    async with Publisher(kafka.kafka, FAST, within=WITHIN) as publisher:
        assert await publisher.publish_all(many) == [True] * 5
    assert [record.value for record in await kafka.read(kafka.names.target)] == [each.value for each in many]


async def test_many_callers_do_not_wait_for_each_other(kafka: KafkaScene) -> None:
    async with Publisher(kafka.kafka, FAST, within=WITHIN) as publisher:
        callers = [
            publisher.publish_all([Message(kafka.names.target, b"%d" % caller, b"%d" % n) for n in range(20)])
            for caller in range(100)
        ]
        assert all(taken == [True] * 20 for taken in await asyncio.gather(*callers))
    records = await kafka.read(kafka.names.target)
    for caller in range(100):
        values = [record.value for record in records if record.key == b"%d" % caller]
        assert values == [b"%d" % n for n in range(20)]


async def test_nothing_together_is_nothing(kafka: KafkaScene) -> None:
    async with Publisher(kafka.kafka, FAST, within=WITHIN) as publisher:
        assert await publisher.publish_all([]) == []


async def test_a_publisher_that_is_left_asks_no_more_for_what_kafka_refuses(
    kafka: KafkaScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with fewer replicas than a topic demands; a cluster of one broker demands no more than it has."""
    send = AIOKafkaClient.send

    async def refused(client: Any, node: int, request: Any, **options: Any) -> Any:  # noqa: ANN401
        if not isinstance(request, ProduceRequest):
            return await send(client, node, request, **options)
        answers = [
            (topic, [(number, NotEnoughReplicasError.errno, -1, -1, -1) for number, _ in batches])
            for topic, batches in request._topics  # noqa: SLF001
        ]
        return ProduceResponse_v7(answers, 0)

    monkeypatch.setattr(AIOKafkaClient, "send", refused)
    async with Publisher(kafka.kafka, FAST, within=timedelta(milliseconds=100)) as publisher:
        with pytest.raises(UnavailableError):
            await publisher.publish(Message(kafka.names.target, b"key", b"value"))
    # It is refused on and on: a client that asked again would be here for ever.
    await alone()
