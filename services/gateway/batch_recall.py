"""What a gateway had sent of a part before it died: read back from the topic, which alone is certain."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.contracts.topics import APPLICATIONS
from services.kit.consumer import leave
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.settings import KafkaSettings

MARGIN: Final = timedelta(minutes=1)
"""PostgreSQL tells when it was tried, and Kafka when a record came: their clocks may differ a little."""
Places = dict[TopicPartition, int]


class Recall:
    """Reads back the applications' topic."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka

    async def sent(self, names: Collection[str], *, first: datetime, last: datetime) -> frozenset[str]:
        """Return which of these applications were sent by tries from `first` to `last`.

        Raises UnavailableError.
        """
        wanted = {name.encode() for name in names}
        consumer = AIOKafkaConsumer(
            APPLICATIONS.name, **self._kafka.client(), group_id=None, enable_auto_commit=False
        )
        try:
            with kafka_errors():
                await consumer.start()
                found = await self._read(consumer, wanted, first - MARGIN, last + MARGIN)
        finally:
            await leave(consumer)
        return frozenset(key.decode() for key in found)

    async def _read(
        self, consumer: AIOKafkaConsumer, wanted: Collection[bytes], since: datetime, until: datetime
    ) -> set[bytes]:
        found: set[bytes] = set()
        ends = await _stand(consumer, since, until)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=200)
            found.update(record.key for batch in batches.values() for record in batch if record.key in wanted)
        return found


async def _stand(consumer: AIOKafkaConsumer, since: datetime, until: datetime) -> Places:
    """Stand where the time begins, and return where it ends, of each partition that has records of it."""
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
    for place in places:
        consumer.seek(place, begins[place])
    return ends


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
