"""Who judges a campaign goes on where its client does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest
from confluent_kafka import Message, Producer, TopicPartition

from services.contracts.topics import DECISIONS
from tests.chaos.witness import Witness
from tests.integration.kit.topics import make_topics
from tests.integration.kit.waiting import until

pytestmark = pytest.mark.kafka
PARTITIONS = [TopicPartition(DECISIONS.name, number) for number in range(2)]


class Stalling(Witness):
    """Its client stops at one partition once it has read something, as it did by itself."""

    stalled = False

    def _note(self, messages: Sequence[Message]) -> None:
        super()._note(messages)
        if messages and not self.stalled:
            self._consumer.pause(PARTITIONS[:1])
            self.stalled = True


@pytest.fixture
async def witness(kafka_bootstrap: str) -> AsyncIterator[Stalling]:
    await make_topics(kafka_bootstrap, DECISIONS.name, partitions=len(PARTITIONS))
    witness = Stalling(kafka_bootstrap, silent=1)
    await asyncio.to_thread(witness.start)
    yield witness
    await asyncio.to_thread(witness.stop)


def decide(bootstrap: str, partition: int) -> str:
    """Write what stands for a decision, and return its application's name."""
    name = f"witnessed-{uuid4()}"
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(DECISIONS.name, b"{}", name, partition)
    assert producer.flush(30) == 0
    return name


async def test_a_witness_whose_client_stands_still_reads_on_where_it_stood(
    witness: Stalling, kafka_bootstrap: str
) -> None:
    before = [decide(kafka_bootstrap, number) for number in range(2)]
    await until(lambda: witness.stalled and not witness.undecided(before))
    after = [decide(kafka_bootstrap, number) for number in (0, 1, 0)]
    await until(lambda: not witness.undecided(after))
    assert witness.doubled("witnessed") == 0


async def test_a_witness_tells_how_long_no_decision_came(witness: Stalling, kafka_bootstrap: str) -> None:
    first = decide(kafka_bootstrap, 1)
    await until(lambda: not witness.undecided([first]))
    witness.pauses.begin()
    await asyncio.sleep(0.7)
    last = decide(kafka_bootstrap, 1)
    await until(lambda: not witness.undecided([last]))
    seen = witness.pauses.longest()
    assert seen >= 0.7
    await asyncio.sleep(0.1)
    assert witness.pauses.longest() == seen
