"""What the client gives up by itself is not taken for done."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition

from services.kit.delivery import TransactionalDelivery
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Output, Partition
from services.kit.stream_settings import StreamSettings

PARTITION = Partition("loan.features.v1", 0)


class GivesUpOffsets:
    """A producer that cancels what waits for the group's offsets."""

    def __init__(self) -> None:
        self.committed = False

    async def begin_transaction(self) -> None:
        pass

    async def send_offsets_to_transaction(self, offsets: Mapping[TopicPartition, int], group: str) -> None:
        del offsets, group
        given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        given_up.cancel()
        await given_up

    async def commit_transaction(self) -> None:
        self.committed = True


async def commit_nothing(offsets: Mapping[TopicPartition, int]) -> None:
    del offsets


async def test_without_its_offset_a_batch_is_not_committed_and_the_session_ends() -> None:
    delivery = TransactionalDelivery("octroi-scoring", KafkaSettings(), StreamSettings())
    owner = GivesUpOffsets()
    delivery._producers[PARTITION] = owner  # noqa: SLF001 - no Kafka gives up when asked
    with pytest.raises(UnavailableError, match="given up"), kafka_errors():
        await delivery.deliver({PARTITION: Output((), (), 1, 1)}, commit_nothing)
    assert not owner.committed
