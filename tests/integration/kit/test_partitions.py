"""Topics grow: whatever partitions there are, somebody reads each."""

from datetime import timedelta

import pytest

from tests.integration.kit.growing import grow
from tests.integration.kit.scene import FAST, KafkaScene, handled, numbered, running

pytestmark = pytest.mark.kafka
AWAY = FAST.model_copy(update={"session_timeout": timedelta(seconds=30)})
"""Longer than a restart takes, so that Kafka gives the member that comes back what it had."""


async def test_partitions_that_are_added_while_a_stage_restarts_are_read(kafka: KafkaScene) -> None:
    names, added = kafka.names, kafka.partitions
    async with running(kafka, names.copy, AWAY):
        await kafka.send(names.source, 0, numbered(1))
        await handled(kafka, 1)
    await grow(kafka.kafka.bootstrap_servers, added + 1, names.source, names.target)
    async with running(kafka, names.copy, AWAY):
        await kafka.send(names.source, added, numbered(1, start=1))
        await handled(kafka, 2)
