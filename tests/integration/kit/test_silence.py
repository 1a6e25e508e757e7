"""When a member of a group counts as forgotten by Kafka, and when as one that has forgotten to ask."""

from collections.abc import AsyncIterator
from time import time

import pytest

from services.kit.consumer import waiting_here
from services.kit.errors import UnavailableError
from services.kit.kafka import KafkaConnection
from services.kit.records import Message
from tests.integration.kit.scene import FAST, KafkaScene, numbered
from tests.integration.kit.waiting import until

ONE_BY_ONE = FAST.model_copy(update={"batch_records": 1})


@pytest.fixture
async def connection(kafka: KafkaScene) -> AsyncIterator[KafkaConnection[Message]]:
    connection = kafka.connect(ONE_BY_ONE, "1")
    assert isinstance(connection, KafkaConnection)
    await connection.open()
    yield connection
    await connection.close()


def an_hour_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.kit.reading.time", lambda: time() + 3600)


async def polled(connection: KafkaConnection[Message]) -> int:
    async with connection.turn():
        return sum(map(len, (await connection.poll()).values()))


async def test_who_is_not_answered_for_long_is_told(
    connection: KafkaConnection[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await polled(connection) == 0
    an_hour_passes(monkeypatch)
    with pytest.raises(UnavailableError, match=r"not answered a fetch for 36\d\d s"):
        await connection.lag()


async def test_what_waits_here_for_its_turn_is_no_silence(
    kafka: KafkaScene, connection: KafkaConnection[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(kafka.partitions):
        await kafka.send(kafka.names.source, number, numbered(5))

    async def all_wait() -> bool:
        if not (waiting := waiting_here(connection._consumer)):  # noqa: SLF001
            await polled(connection)
        return len(waiting) == kafka.partitions

    await until(all_wait)
    an_hour_passes(monkeypatch)
    assert min((await connection.lag()).values()) > 0


async def test_a_question_that_was_cut_off_is_not_taken_for_an_open_one(
    connection: KafkaConnection[Message],
) -> None:
    subscription = connection._consumer._subscription  # noqa: SLF001
    assert await polled(connection) == 0
    # As in a rebalance that takes longer than the question may.
    subscription.subscription._begin_reassignment()  # noqa: SLF001
    assert await polled(connection) == 0
    assert subscription.fetcher_idle_time > 0
