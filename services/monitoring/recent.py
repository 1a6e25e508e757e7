"""The latest feature vectors from their topic, for a report that needs rows and not counts."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from aiokafka import AIOKafkaConsumer

from services.contracts.codec import ContractError, decode_fast
from services.contracts.events import FeaturesComputed
from services.contracts.topics import FEATURES
from services.contracts.vector import unpack
from services.kit.kafka_settings import KafkaSettings
from services.kit.one_off import partitions_of, reading, records_until, stand
from services.monitoring.champion import Champion, Watched
from services.monitoring.report_files import CurrentRows
from services.monitoring.report_run import ReportError
from services.scorecard.catalogue import Matrix

_MORE: Final = 1.25
"""Partitions are not filled evenly, and hold marks of transactions too."""
_WITHIN: Final = 30


class RecentRows:
    """Reads the window by count again, as rows."""

    def __init__(self, kafka: KafkaSettings, champion: Champion, last: int) -> None:
        self._kafka = kafka
        self._champion = champion
        self._last = last

    async def read(self) -> CurrentRows:
        """Return the latest rows of the monitored features. Raises UnavailableError, ReportError."""
        watched = self._champion.current
        if watched is None:
            raise ReportError("no champion could be read yet: its reference rows are needed; ask again later")
        async with reading(self._kafka, isolation="read_committed", within=_WITHIN) as consumer:
            records = await self._records(consumer)
        profile = watched.bundle.reference_profile
        current = newest_rows(self._champion, watched, records, self._last)
        return CurrentRows(watched.version, profile.features, watched.bundle.reference, current)

    async def _records(self, consumer: AIOKafkaConsumer) -> list[Any]:
        targets = await partitions_of(consumer, FEATURES.name)
        consumer.assign(targets)
        begins, ends = await consumer.beginning_offsets(targets), await consumer.end_offsets(targets)
        share = int(self._last * _MORE / len(targets)) + 1
        await stand(consumer, {target: max(begins[target], ends[target] - share) for target in targets})
        return [record async for record in records_until(consumer, ends)]


def newest_rows(champion: Champion, watched: Watched, records: Sequence[Any], last: int) -> Matrix:
    """Return the monitored features of the newest records, without what cannot be read of them."""
    newest = sorted(records, key=lambda record: int(record.timestamp))[-last:]
    by_catalogue: dict[str, list[str]] = {}
    for record in newest:
        try:
            event = decode_fast(FeaturesComputed, record.value, record.headers)
        except ContractError:
            continue
        by_catalogue.setdefault(event.catalogue_version, []).append(event.vector)
    parts = [np.empty((0, len(watched.monitored)), dtype=np.float32)]
    for version, vectors in by_catalogue.items():
        width, places = champion.width(version), champion.places(watched, version)
        if width is not None and places is not None:
            parts += [row[:, places] for row in _readable(vectors, width)]
    return np.concatenate(parts)


def _readable(vectors: Sequence[str], width: int) -> Iterator[Matrix]:
    """Yield the vectors that can be unpacked, each as a matrix of one row."""
    for vector in vectors:
        with suppress(ValueError):
            yield unpack([vector], width)
