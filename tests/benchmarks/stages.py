"""The stages stopped, laid out otherwise, or in processes of our own with other settings."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import psycopg
from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka.admin import AdminClient

from infra.kafka.topics import TopicSettings, make_topics
from infra.local.settings import REPOSITORY
from services.contracts.topics import TOPICS
from services.kit.kafka_settings import KafkaSettings, group_of
from tests.engine import RunningEngine
from tests.parts import until

STAGES = ("feature", "scoring", "ledger")
READERS = (*STAGES, "monitoring", "gateway")
"""All that hold on to topics."""
BESIDE_STAGES = ("monitoring", "gateway", "ui")
"""What decides nothing that waits in the topic."""
BEHIND_GATEWAY = (*STAGES, "monitoring")
"""What does nothing for an application to be accepted."""
AT_LEAST_ONCE = {"OCTROI_STREAM_DELIVERY": "at-least-once"}
PAUSE = 0.1
FORGET = "DELETE FROM monitoring.positions; DELETE FROM monitoring.blocks"
"""Monitoring keeps where it stands in each topic, and in one that is new would leave out as many records."""


@contextmanager
def stopped(engine: RunningEngine, names: Sequence[str] = STAGES) -> Iterator[None]:
    """Stop some services, and start them again at the end, without waiting for them."""
    supervisor = engine.engine.supervisor
    for name in names:
        supervisor.stop(name)
    try:
        yield
    finally:
        for name in names:
            supervisor.begin(name)


@contextmanager
def without(engine: RunningEngine, names: Sequence[str]) -> Iterator[None]:
    """Stop some services, start them again at the end, and wait until they are ready."""
    with stopped(engine, names):
        yield
    begun = [each for each in engine.engine.services(engine.bootstrap) if each.name in names]
    until(lambda: all(each.is_ready() for each in begun), f"{', '.join(names)} to be ready")


@contextmanager
def own_stages(
    engine: RunningEngine, processes: int, settings: Mapping[str, str]
) -> Iterator[tuple[int, ...]]:
    """Run so many processes of each stage with settings of their own instead, and give their ids."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(_process(engine, stage, number, settings))
            for stage in STAGES
            for number in range(1, processes + 1)
        )


@contextmanager
def laid_out(engine: RunningEngine, partitions: int) -> Iterator[None]:
    """Make all topics anew with so many partitions, and as they were at the end; what was in them is gone.

    It ends when all who read them are ready again, so that whatever comes next can be measured.
    """
    with without(engine, READERS):
        _lay_out(engine, partitions)
        try:
            yield
        finally:
            _lay_out(engine, engine.engine.settings.topic_partitions)


def _lay_out(engine: RunningEngine, partitions: int) -> None:
    _wait_until_left(engine)
    asyncio.run(_anew(KafkaSettings(bootstrap_servers=engine.bootstrap), partitions))
    with psycopg.connect(engine.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(FORGET)


@contextmanager
def _process(engine: RunningEngine, stage: str, number: int, settings: Mapping[str, str]) -> Iterator[int]:
    # The name is the launcher's, so that the group gives the first process its partitions at once.
    own = {"OCTROI_INSTANCE": f"{stage}-{number}", "OCTROI_PROBE_PORT": "0"}
    process = subprocess.Popen(
        (sys.executable, "-m", f"services.{stage}"),
        env={**os.environ, **engine.environment, **own, **settings},
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


async def _anew(kafka: KafkaSettings, partitions: int) -> None:
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        names = {topic.name for topic in TOPICS}
        await admin.delete_topics(list(names))
        while names & set(await admin.list_topics()):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(PAUSE)
    finally:
        await admin.close()
    await make_topics(kafka, TopicSettings(partitions=partitions))


def _wait_until_left(engine: RunningEngine) -> None:
    """Wait until the groups are empty: a static member that comes back gets its old partitions and no others.

    aiokafka cannot read what Kafka tells of static members.
    """
    admin = AdminClient({"bootstrap.servers": engine.bootstrap, "log_level": 3})
    groups = [group_of(stage) for stage in STAGES]

    def empty() -> bool:
        described = admin.describe_consumer_groups(groups).values()
        return not any(group.result().members for group in described)

    until(empty, "the groups to be empty")
