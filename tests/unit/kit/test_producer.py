import socket
from datetime import timedelta

import pytest

from services.kit.errors import UnavailableError
from services.kit.producer import Publisher
from services.kit.settings import KafkaSettings, StreamSettings


async def test_a_publisher_is_not_opened_without_a_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
    with pytest.raises(UnavailableError, match="Kafka is away"):
        async with Publisher(kafka, StreamSettings(), within=timedelta(seconds=1)):
            pass
