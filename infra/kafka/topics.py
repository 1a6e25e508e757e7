"""Makes the engine's topics where they are missing: `python -m infra.kafka.topics`."""

import asyncio
import logging
import sys
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.contracts.topics import TOPICS, Topic
from services.kit.environment import exit_code_of, read
from services.kit.errors import FatalError
from services.kit.kafka_errors import FORBIDDEN
from services.kit.login import connect
from services.kit.settings import Duration, KafkaSettings

TOPIC_ALREADY_EXISTS = 36
TOLERATES_A_LOSS = 3
"""Copies from which on one may be lost while two have each record."""
ADMINISTRATOR = "topics, as `python -m infra.kafka.access` lists them"


class TopicSettings(BaseSettings):
    """How topics are laid out over the cluster."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_TOPIC_", frozen=True, use_attribute_docstrings=True)

    partitions: PositiveInt = 4
    """Partitions of each topic: the most instances of a service that can share its work."""
    most_copies: PositiveInt = 3
    """Copies of each partition, where the cluster has so many brokers."""
    within: Duration = timedelta(seconds=30)
    """Longest wait for the cluster."""


def main() -> int:
    """Make the topics and say so; return the exit code."""
    kafka, settings = read(KafkaSettings), read(TopicSettings)
    # What keeps us out the program tells itself.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        made = asyncio.run(make_topics(kafka, settings))
    except FatalError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except FORBIDDEN as error:
        print(f"no topics made: {error!r}; this takes the rights of {ADMINISTRATOR}", file=sys.stderr)
        return 1
    except (KafkaError, TimeoutError) as error:
        print(f"no topics made on {kafka.bootstrap_servers}: {error!r}; is Kafka up?", file=sys.stderr)
        return 1
    print(f"topics: {len(made)} made, {len(TOPICS) - len(made)} were there")
    return 0


async def make_topics(kafka: KafkaSettings, settings: TopicSettings) -> list[str]:
    """Make the missing topics and return their names. Raises KafkaError, TimeoutError or LoginError."""
    admin = AIOKafkaAdminClient(**kafka.client())
    async with asyncio.timeout(settings.within.total_seconds()):
        try:
            await connect(admin, kafka)
            brokers = (await admin.describe_cluster())["brokers"]
            copies = min(len(brokers), settings.most_copies)
            answer = await admin.create_topics([_new_topic(topic, settings, copies) for topic in TOPICS])
        finally:
            await admin.close()
    made = []
    for name, code, *message in answer.topic_errors:
        if code == 0:
            made.append(name)
        elif code != TOPIC_ALREADY_EXISTS:
            raise for_code(code)(f"{name}: {message}")
    return made


def _new_topic(topic: Topic, settings: TopicSettings, copies: int) -> NewTopic:
    return NewTopic(
        topic.name,
        num_partitions=1 if topic.single_partition else settings.partitions,
        replication_factor=copies,
        topic_configs={**topic.configuration(), "min.insync.replicas": str(in_sync(copies))},
    )


def in_sync(copies: int) -> int:
    """Return how many copies have a record before its writer is told so, on any cluster."""
    return 2 if copies >= TOLERATES_A_LOSS else 1


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
