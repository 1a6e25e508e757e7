"""Makes the engine's topics where they are missing, looks at the others: `python -m infra.kafka.topics`."""

import asyncio
import logging
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.kafka.layouts import Difference, Layout, differences, layouts
from services.contracts.topics import TOPICS, Topic
from services.kit.environment import exit_code_of, read
from services.kit.kafka_errors import FORBIDDEN
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.settings import Duration

TOPIC_ALREADY_EXISTS = 36
TOLERATES_A_LOSS = 3
"""Copies from which on one may be lost while two have each record."""
ADMINISTRATOR = "topics, as `python -m infra.kafka.access` lists them"


class TopicSettings(BaseSettings):
    """How topics are laid out over the cluster."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_TOPIC_", frozen=True)

    partitions: PositiveInt = 4
    """Partitions of each topic: the most instances of a service that can share its work."""
    most_copies: PositiveInt = 3
    """Copies of each partition, where the cluster has so many brokers."""
    within: Duration = timedelta(seconds=30)
    """Longest wait for the cluster."""


class Outcome(NamedTuple):
    """What came of it."""

    made: Collection[str]
    """Names of the topics that were missing."""
    differences: Sequence[Difference]
    """What is otherwise about those that were there."""


def main() -> int:
    """Make the topics and say so; return the exit code.

    It is 1 too where a topic loses records. What else differs may be as an operator wants it, and is said.
    """
    kafka, settings = read(KafkaSettings), read(TopicSettings)
    # What keeps us out the program tells itself.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        outcome = asyncio.run(make_topics(kafka, settings))
    except FORBIDDEN as error:
        print(f"no topics made: {error!r}; this takes the rights of {ADMINISTRATOR}", file=sys.stderr)
        return 1
    except (KafkaError, TimeoutError) as error:
        print(f"no topics made on {kafka.bootstrap_servers}: {error!r}; is Kafka up?", file=sys.stderr)
        return 1
    for difference in outcome.differences:
        print(difference, file=sys.stderr)
    print(f"topics: {len(outcome.made)} made, {len(TOPICS) - len(outcome.made)} were there")
    return int(any(difference.loses_records for difference in outcome.differences))


async def make_topics(kafka: KafkaSettings, settings: TopicSettings) -> Outcome:
    """Make the missing topics and look at the others. Raises KafkaError, TimeoutError or LoginError."""
    admin = AIOKafkaAdminClient(**kafka.client())
    async with asyncio.timeout(settings.within.total_seconds()):
        try:
            await connect(admin, kafka)
            brokers = (await admin.describe_cluster())["brokers"]
            copies = min(len(brokers), settings.most_copies)
            made = await _make(admin, [_new_topic(topic, settings, copies) for topic in TOPICS])
            found = await layouts(admin, [topic.name for topic in TOPICS if topic.name not in made])
        finally:
            await admin.close()
    there = [(topic, found[topic.name]) for topic in TOPICS if topic.name in found]
    return Outcome(made, [each for pair in there for each in _differences(*pair, settings, copies)])


async def _make(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> Collection[str]:
    """Make those that are missing and return their names."""
    made = set()
    for name, code, *message in (await admin.create_topics(topics)).topic_errors:
        if code == 0:
            made.add(name)
        elif code != TOPIC_ALREADY_EXISTS:
            raise for_code(code)(f"{name}: {message}")
    return made


def _new_topic(topic: Topic, settings: TopicSettings, copies: int) -> NewTopic:
    asked = layout(topic, settings, copies)
    return NewTopic(topic.name, asked.partitions, asked.copies, topic_configs=asked.configuration)


def _differences(topic: Topic, found: Layout, settings: TopicSettings, copies: int) -> Iterator[Difference]:
    # With as many in sync as other copies would allow, nobody could write.
    asked = replace(layout(topic, settings, found.copies), copies=copies)
    return differences(topic.name, asked, found)


def layout(topic: Topic, settings: TopicSettings, copies: int) -> Layout:
    """Return how a topic with so many copies is asked for."""
    return Layout(
        partitions=1 if topic.single_partition else settings.partitions,
        copies=copies,
        configuration={**topic.configuration(), "min.insync.replicas": str(in_sync(copies))},
    )


def in_sync(copies: int) -> int:
    """Return how many copies have a record before its writer is told so, on any cluster."""
    return 2 if copies >= TOLERATES_A_LOSS else 1


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
