"""What a producer of transactions refuses before anything is sent."""

import pytest
from aiokafka import TopicPartition

from services.kit.errors import UnavailableError
from services.kit.fencing import sole_producer
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Partition
from services.kit.stream_settings import StreamSettings


async def test_what_comes_when_the_transaction_has_ended_is_worth_a_new_session() -> None:
    owner = sole_producer("group", Partition("source", 0), KafkaSettings(), StreamSettings())
    with pytest.raises(UnavailableError, match="the transaction has ended"), kafka_errors():
        owner._txn_manager.maybe_add_partition_to_txn(TopicPartition("target", 0))  # noqa: SLF001
    await owner.stop()
