import asyncio

import pytest

from services.contracts.examples import APPLICATION
from services.contracts.topics import APPLICATIONS, DECISIONS
from services.kit.kafka_settings import KafkaSettings
from services.kit.stream_settings import StreamSettings
from services.replay.sending import CHUNK
from services.replay.session import Session
from services.scorecard.table import TableError
from tests.integration.kit.topics import make_topics

pytestmark = pytest.mark.kafka
AN_HOUR = 3600.0


async def test_a_row_that_cannot_be_sent_is_told_while_others_are_not_decided(kafka_bootstrap: str) -> None:
    await make_topics(kafka_bootstrap, APPLICATIONS.name, DECISIONS.name)
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap)
    session = Session("broken-file", kafka, StreamSettings(), patience=AN_HOUR)
    rows = [*[APPLICATION] * CHUNK, {**APPLICATION, "AMT_CREDIT": "a lot"}]
    # Nobody decides here: long before its patience is at an end it says what is wrong.
    async with asyncio.timeout(AN_HOUR / 60):
        with pytest.raises(TableError, match="AMT_CREDIT"):
            await session.replay(rows, rate=None, show=lambda _: None)
