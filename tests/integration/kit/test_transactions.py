"""What a transaction never asks for twice, and never writes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import EndTxnRequest, TxnOffsetCommitRequest

from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.records import Message, Output, Partition, Record
from services.kit.sending import send
from tests.integration.kit.scene import FAST, KafkaScene, keys


async def never(_: object) -> None:
    raise AssertionError("transactions carry their offsets themselves")


def output(kafka: KafkaScene, lane: Partition) -> dict[Partition, Output[Message]]:
    origin = Record(lane, 0, 0, b"key", b"value")
    return {lane: Output(((origin, kafka.names.message(origin)),), (), 1, 1)}


async def nothing() -> None:
    pass


class Losing:
    """Lets requests through and, once it is told to, loses the answers to those of a kind, `before` that."""

    def __init__(self, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
        self.active = False
        self.asked = 0
        self.written = 0
        """Requests to write that came after an answer was lost."""
        self.before: Callable[[], Awaitable[None]] = nothing
        send_request = AIOKafkaClient.send

        async def losing(client: Any, node: int, request: Any, **options: Any) -> Any:  # noqa: ANN401
            self.written += self.asked > 0 and isinstance(request, ProduceRequest)
            answer = await send_request(client, node, request, **options)
            if self.active and isinstance(request, kind):
                await self.before()
                self.asked += 1
                raise KafkaConnectionError("cut")
            return answer

        monkeypatch.setattr(AIOKafkaClient, "send", losing)


@pytest.mark.parametrize(("kind", "committed"), [(EndTxnRequest, 1), (TxnOffsetCommitRequest, 0)])
async def test_a_commit_whose_answer_is_lost_is_not_asked_for_again(
    kafka: KafkaScene, monkeypatch: pytest.MonkeyPatch, kind: type, committed: int
) -> None:
    lane, losing = Partition(kafka.names.source, 0), Losing(kind, monkeypatch)
    first = kafka.delivery(FAST)
    await first.own(lane)
    losing.active = True
    with pytest.raises(UnavailableError, match="cut"), kafka_errors():
        await first.deliver(output(kafka, lane), never)
    assert losing.asked == 1
    losing.active = False
    second = kafka.delivery(FAST)
    await second.own(lane)
    assert await kafka.committed() == committed
    assert keys(await kafka.read(kafka.names.target)) == [b"key"] * committed
    await first.close()
    await second.close()


async def test_what_was_not_announced_when_a_producer_ends_is_never_written(
    kafka: KafkaScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane, losing = Partition(kafka.names.source, 0), Losing(TxnOffsetCommitRequest, monkeypatch)
    delivery = kafka.delivery(FAST)
    await delivery.own(lane)
    (owner,) = delivery._producers.values()  # noqa: SLF001
    late: list[asyncio.Future[object]] = []

    async def write_elsewhere() -> None:
        """As the first dead letter does, whose topic the client had to look up."""
        late.append(await owner.send(kafka.names.dead, b"late", partition=0))

    losing.before = write_elsewhere
    losing.active = True
    with pytest.raises(UnavailableError, match="cut"), kafka_errors():
        await delivery.deliver(output(kafka, lane), never)
    await delivery.close()
    (told,) = await asyncio.gather(*late, return_exceptions=True)
    assert isinstance(told, KafkaConnectionError)
    assert losing.written == 0


async def test_two_numbers_of_one_partition_are_both_sent(kafka: KafkaScene) -> None:
    delivery = kafka.delivery(FAST)
    lane = Partition(kafka.names.source, 0)
    await delivery.own(lane)
    (owner,) = delivery._producers.values()  # noqa: SLF001
    await owner.begin_transaction()
    origins = [Record(Partition("wider", number), 0, 0, b"%d" % number, b"") for number in range(6)]
    targets = await send(owner, [(origin, kafka.names.message(origin)) for origin in origins])
    await owner.commit_transaction()
    records = await kafka.read(kafka.names.target)
    assert {target.partition for target in targets} == {record.partition.number for record in records}
    assert sorted(record.key or b"" for record in records) == [b"%d" % number for number in range(6)]
    await delivery.close()
