"""How far services that write to PostgreSQL had read: with an older database they read again from there."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from infra.backup.errors import BackupError
from services.kit.consumer import leave
from services.kit.errors import UnavailableError
from services.kit.group_offsets import group_offsets
from services.kit.kafka_settings import KafkaSettings, group_of
from services.kit.login import connect
from services.kit.pause import pause

LEDGER: Final = group_of("ledger")
GROUPS: Final = (LEDGER, group_of("monitoring"))
BEGINNING: Final = 0
"""Where Kafka has removed the first records, a service begins with the first that is left."""
LEFT_WITHIN: Final = 30.0
"""Seconds that Kafka may take to notice that the last member of a group is gone."""
ANSWERED_WITHIN: Final = 30.0
"""Seconds that Kafka may take, after its start, to make or to read what groups have committed."""
NEXT_TRY: Final = timedelta(seconds=1)
_MEMBERS: Final = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
Offsets = Mapping[str, Sequence[tuple[str, int, int]]]
"""Topic, partition and next offset, by group."""
Places = Mapping[TopicPartition, int]
"""Next offset, by partition."""


async def cluster(kafka: KafkaSettings) -> str:
    """Return the cluster's id. Raises BackupError, LoginError."""
    async with AsyncExitStack() as stack:
        return str((await (await _admin(kafka, stack)).describe_cluster())["cluster_id"])


async def committed(kafka: KafkaSettings) -> Offsets:
    """Return how far the groups have read. Raises BackupError, LoginError."""
    async with AsyncExitStack() as stack:
        admin = await _admin(kafka, stack)
        found = {group: await _offsets(admin, group) for group in GROUPS}
    return {
        group: sorted((place.topic, place.partition, offset) for place, offset in offsets.items())
        for group, offsets in found.items()
    }


async def set_back(kafka: KafkaSettings, offsets: Offsets) -> None:
    """Let the groups begin where these offsets say, and at the beginning of partitions that they do not name.

    Raises BackupError while a member is there, LoginError.
    """
    for group, begin in begins(await committed(kafka), offsets).items():
        if begin:
            await _commit(kafka, group, begin)


def begins(now: Offsets, then: Offsets) -> Mapping[str, Places]:
    """Return where each group begins again: in every partition that it has read, by now or then.

    Then it had committed nothing in a partition without records: all of such a one came later.
    """
    return {
        group: {**dict.fromkeys(places(read), BEGINNING), **places(then.get(group, ()))}
        for group, read in now.items()
    }


def places(told: Sequence[tuple[str, int, int]]) -> Places:
    """Return next offsets by their partitions."""
    return {TopicPartition(topic, partition): offset for topic, partition, offset in told}


async def _offsets(admin: AIOKafkaAdminClient, group: str) -> Places:
    try:
        async with asyncio.timeout(ANSWERED_WITHIN):
            while True:
                try:
                    return await group_offsets(admin, group)
                except KafkaError as error:
                    if not error.retriable:
                        raise
                await pause(NEXT_TRY, asyncio.Event())
    except UnavailableError as error:
        raise BackupError(f"{error}: a backup takes Apache Kafka") from error
    except TimeoutError as error:
        raise BackupError(f"Kafka has not told how far {group} has read; try again") from error


async def _commit(kafka: KafkaSettings, group: str, offsets: Places) -> None:
    consumer = AIOKafkaConsumer(**kafka.client(), group_id=group, enable_auto_commit=False)
    try:
        await connect(consumer, kafka)
        consumer.assign(list(offsets))
        async with asyncio.timeout(LEFT_WITHIN):
            while not await _committed(consumer, offsets):
                await pause(NEXT_TRY, asyncio.Event())
    except TimeoutError as error:
        raise BackupError(f"{group} still reads: stop the services before a restore") from error
    except KafkaError as error:
        raise BackupError(f"{group} could not be set back: {error!r}") from error
    finally:
        await leave(consumer)


async def _committed(consumer: AIOKafkaConsumer, offsets: Places) -> bool:
    try:
        await consumer.commit(dict(offsets))
    except _MEMBERS:
        return False
    return True


async def _admin(kafka: KafkaSettings, stack: AsyncExitStack) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**kafka.client())
    stack.push_async_callback(admin.close)
    try:
        await connect(admin, kafka)
    except KafkaError as error:
        raise BackupError(f"Kafka at {kafka.bootstrap_servers}: {error!r}; is it up?") from error
    return admin
