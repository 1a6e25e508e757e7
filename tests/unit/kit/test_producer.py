import socket
from datetime import timedelta

import pytest
from aiokafka.producer import sender

from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.producer import BETWEEN_TRANSACTIONS, chosen_partition, producer
from services.kit.publisher import Publisher
from services.kit.stream_settings import StreamSettings


async def test_a_publisher_is_not_opened_without_a_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
    with pytest.raises(UnavailableError, match="Kafka is away"):
        async with Publisher(kafka, StreamSettings(), within=timedelta(seconds=1)):
            pass


# Their hashes stand in Apache Kafka's own tests (UtilsTest.testMurmur2).
@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_a_key_goes_where_other_clients_send_it(key: bytes, hashed: int) -> None:
    assert chosen_partition(key, range(20), range(20)) == (hashed & 0x7FFFFFFF) % 20
    assert chosen_partition(key, [0], [0]) == 0


def test_what_has_no_key_goes_to_a_partition_that_has_a_leader() -> None:
    assert chosen_partition(None, range(20), [7]) == 7


async def test_the_client_still_pauses_between_transactions_as_it_is_told() -> None:
    await producer(KafkaSettings(), StreamSettings(), transactional_id="test").stop()
    names = sender.AddPartitionsToTxnHandler.handle_response.__code__.co_names
    assert "BACKOFF_OVERRIDE" in names
    assert sender.BACKOFF_OVERRIDE == BETWEEN_TRANSACTIONS
