"""Following a topic on real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from services.kit.connection import Connection
from services.kit.consumer import demand_fetching, leave
from services.kit.errors import UnavailableError
from services.kit.follower import Follower
from services.kit.kafka_settings import KafkaSettings
from services.kit.stream_settings import StreamSettings
from tests.integration.kit.growing import grow
from tests.integration.kit.waiting import until
from tests.parts import OwnKafka

pytestmark = pytest.mark.kafka


class Followed:
    """A topic of its own and what a follower has taken from it."""

    def __init__(self, bootstrap: str, topic: str, start: Literal["earliest", "latest"] = "latest") -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self.taken: list[bytes | None] = []
        self.reading = asyncio.Event()
        self.stop = asyncio.Event()
        kafka = KafkaSettings(bootstrap_servers=bootstrap)
        self.follower = Follower(
            topic,
            lambda record: self.taken.append(record.value),
            kafka,
            StreamSettings(),
            start=start,
            reading=self.reading,
        )
        self.task = asyncio.create_task(self.follower.run(self.stop))

    async def send(self, *values: bytes, partition: int = 0) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for value in values:
                await producer.send_and_wait(self.topic, value, partition=partition)

    async def ends(self) -> None:
        self.stop.set()
        await self.task


async def make_topic(bootstrap: str) -> str:
    topic = f"followed-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    return topic


@pytest.fixture
async def followed(kafka_bootstrap: str) -> AsyncIterator[Followed]:
    followed = Followed(kafka_bootstrap, await make_topic(kafka_bootstrap))
    await followed.reading.wait()
    yield followed
    await followed.ends()


async def test_only_committed_records_are_taken(followed: Followed) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=followed.bootstrap, transactional_id=f"test-{uuid4()}"
    ) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(followed.topic, b"aborted", partition=0)
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(followed.topic, b"committed", partition=0)
    await until(lambda: followed.taken != [])
    assert followed.taken == [b"committed"]


async def test_partitions_made_later_are_followed_from_their_start(followed: Followed) -> None:
    await grow(followed.bootstrap, 4, followed.topic)
    for partition in range(4):
        await followed.send(str(partition).encode(), partition=partition)
    await until(lambda: sorted(followed.taken, key=str) == [b"0", b"1", b"2", b"3"])


async def test_a_topic_that_grows_under_load_is_read_whole_and_once(followed: Followed) -> None:
    await grow(followed.bootstrap, 4, followed.topic)
    await followed.send(b"new", partition=3)
    sent = 0
    async with AIOKafkaProducer(bootstrap_servers=followed.bootstrap) as producer:
        while b"new" not in followed.taken:
            await producer.send_and_wait(followed.topic, b"%d" % sent, partition=0)
            sent += 1
    await until(lambda: len(followed.taken) > sent)
    assert [value for value in followed.taken if value != b"new"] == [b"%d" % n for n in range(sent)]


@pytest.mark.parametrize(("start", "taken"), [("earliest", [b"before", b"after"]), ("latest", [b"after"])])
async def test_a_follower_starts_where_it_is_told(
    followed: Followed, start: Literal["earliest", "latest"], taken: list[bytes]
) -> None:
    await followed.send(b"before")
    await until(lambda: followed.taken == [b"before"])
    late = Followed(followed.bootstrap, followed.topic, start)
    await late.reading.wait()
    await late.send(b"after")
    await until(lambda: late.taken == taken)
    await late.ends()


async def test_after_an_outage_it_reads_on_from_where_it_stood(own_kafka: OwnKafka) -> None:
    followed = Followed(own_kafka.bootstrap, await make_topic(own_kafka.bootstrap))
    await followed.reading.wait()
    await followed.send(b"before")
    await until(lambda: followed.taken == [b"before"])
    own_kafka.kill()
    await until(lambda: not followed.reading.is_set())
    assert followed.follower.not_ready() != []
    await asyncio.to_thread(own_kafka.start)
    await followed.send(b"after")
    await followed.reading.wait()
    await until(lambda: followed.taken == [b"before", b"after"])
    assert followed.follower.not_ready() == []
    await followed.ends()
    # Of the session that broke nothing is left.
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_a_client_that_has_given_up_fetching_is_found_out(
    kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise RuntimeError("the handler is closed")

    async def found_out() -> bool:
        try:
            demand_fetching(consumer)
        except UnavailableError:
            return True
        return False

    consumer = AIOKafkaConsumer(await make_topic(kafka_bootstrap), bootstrap_servers=kafka_bootstrap)
    await consumer.start()
    assert not await found_out()
    # What uvloop raises for a connection that was cut.
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "send", cut)
        await until(found_out)
    with pytest.raises(KafkaError):
        await leave(consumer)
