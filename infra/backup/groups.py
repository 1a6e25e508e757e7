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
from services.kit.pause import pause
from services.kit.settings import KafkaSettings

GROUPS: Final = ("octroi-ledger", "octroi-monitoring")
LEFT_WITHIN: Final = 30.0
"""Seconds that Kafka may take to notice that the last member of a group is gone."""
NEXT_TRY: Final = timedelta(seconds=1)
_MEMBERS: Final = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
Offsets = Mapping[str, Sequence[tuple[str, int, int]]]
"""Topic, partition and next offset, by group."""


async def cluster(kafka: KafkaSettings) -> str:
    """Return the cluster's id. Raises BackupError."""
    async with AsyncExitStack() as stack:
        return str((await (await _admin(kafka, stack)).describe_cluster())["cluster_id"])


async def committed(kafka: KafkaSettings) -> Offsets:
    """Return how far the groups have read. Raises BackupError."""
    async with AsyncExitStack() as stack:
        admin = await _admin(kafka, stack)
        found = {group: await admin.list_consumer_group_offsets(group) for group in GROUPS}
    return {
        group: sorted((place.topic, place.partition, told.offset) for place, told in offsets.items())
        for group, offsets in found.items()
    }


async def set_back(kafka: KafkaSettings, offsets: Offsets) -> None:
    """Let the groups begin where they were. Raises BackupError while a member is there."""
    for group, places in offsets.items():
        told = {TopicPartition(topic, partition): offset for topic, partition, offset in places}
        if told:
            await _commit(kafka, group, told)


async def _commit(kafka: KafkaSettings, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(**kafka.client(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
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


async def _committed(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> bool:
    try:
        await consumer.commit(dict(offsets))
    except _MEMBERS:
        return False
    return True


async def _admin(kafka: KafkaSettings, stack: AsyncExitStack) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**kafka.client())
    stack.push_async_callback(admin.close)
    try:
        await admin.start()
    except KafkaError as error:
        raise BackupError(f"Kafka at {kafka.bootstrap_servers}: {error!r}; is it up?") from error
    return admin
