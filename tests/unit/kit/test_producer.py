import socket
from datetime import timedelta

import pytest
from aiokafka.producer import sender

from services.kit.errors import UnavailableError
from services.kit.producer import BETWEEN_TRANSACTIONS, producer
from services.kit.publisher import Publisher
from services.kit.settings import KafkaSettings, StreamSettings


async def test_a_publisher_is_not_opened_without_a_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
    with pytest.raises(UnavailableError, match="Kafka is away"):
        async with Publisher(kafka, StreamSettings(), within=timedelta(seconds=1)):
            pass


async def test_the_client_still_pauses_between_transactions_as_it_is_told() -> None:
    await producer(KafkaSettings(), StreamSettings(), transactional_id="test").stop()
    names = sender.AddPartitionsToTxnHandler.handle_response.__code__.co_names
    assert "BACKOFF_OVERRIDE" in names
    assert sender.BACKOFF_OVERRIDE == BETWEEN_TRANSACTIONS
