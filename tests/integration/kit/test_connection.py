import asyncio

import pytest
import uvloop
from aiokafka import conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from services.kit.connection import Connection

pytestmark = pytest.mark.kafka


def test_what_is_sent_on_a_connection_that_was_just_cut_is_told_as_an_error_of_the_client(
    kafka_bootstrap: str,
) -> None:
    host, port, _ = conn.collect_hosts(kafka_bootstrap)[0]

    async def cut_and_send() -> Connection:
        connection: Connection = await conn.create_conn(host, port)
        await connection.send(MetadataRequest([]))
        connection._writer.transport.abort()  # noqa: SLF001 - as a network does
        # Now it is closed, and the client's own task does not know yet.
        await asyncio.sleep(0)
        with pytest.raises(KafkaConnectionError, match="cut"):
            connection.send(MetadataRequest([]))
        return connection

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert not runner.run(cut_and_send()).connected()
