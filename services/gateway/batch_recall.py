"""What a gateway had sent of a part before it died: read back from the topic, which alone is certain."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.contracts.topics import APPLICATIONS
from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from services.kit.one_off import reading, records_until, stand

MARGIN: Final = timedelta(minutes=1)
"""PostgreSQL tells when it was tried, and Kafka when a record came: their clocks may differ a little."""
WITHIN_SECONDS: Final = 20.0
"""Longest time for it: a part is claimed for half a minute, in which what is left is to be handed in, too."""
Places = dict[TopicPartition, int]


class Recall:
    """Reads back the applications' topic."""

    def __init__(self, kafka: KafkaSettings, *, within: float = WITHIN_SECONDS) -> None:
        """Make it; `within` is the longest time that it may take, in seconds."""
        self._kafka = kafka
        self._within = within

    async def sent(self, names: Collection[str], *, first: datetime, last: datetime) -> frozenset[str]:
        """Return which of these applications were sent by tries from `first` to `last`.

        Raises UnavailableError, and FatalError where Kafka forbids it.
        """
        wanted = {name.encode() for name in names}
        # Uncommitted, too: a transaction that somebody leaves open must not hide what was sent behind it.
        async with reading(
            self._kafka, APPLICATIONS.name, isolation="read_uncommitted", within=self._within
        ) as consumer:
            begins, ends = await _span(consumer, first - MARGIN, last + MARGIN)
            await stand(consumer, begins)
            found = {each.key async for each in records_until(consumer, ends) if each.key in wanted}
        return frozenset(key.decode() for key in found)


async def _span(consumer: AIOKafkaConsumer, since: datetime, until: datetime) -> tuple[Places, Places]:
    """Return where a time begins and where it ends in each partition."""
    places = list(consumer.assignment())
    if not places:
        # Nothing found must not be taken for nothing sent.
        raise UnavailableError(f"the partitions of {APPLICATIONS.name} are not known")
    newest = await consumer.end_offsets(places)
    begins, ends = [
        {
            place: newest[place] if at is None else at.offset
            for place, at in (await consumer.offsets_for_times(dict.fromkeys(places, _ms(when)))).items()
        }
        for when in (since, until)
    ]
    return begins, ends


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
