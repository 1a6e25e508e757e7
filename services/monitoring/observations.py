"""Records of features and decisions in, what is counted of them out: the stage's pure handler."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.contracts.codec import ContractError, decode_fast
from services.contracts.events import ApplicationDecided, FeaturesComputed
from services.contracts.topics import DECISIONS, FEATURES
from services.contracts.vector import unpack
from services.kit.records import Emit, Hold, Record, Reject
from services.monitoring.champion import Champion, Watched
from services.monitoring.countable import counted_at, require_decision, require_features

NO_CHAMPION = "the registry names no champion that could be read: its reference profile is needed to compare"


class Observed(NamedTuple):
    """An event to count, where it stands and when its application was handed in."""

    topic: str
    partition: int
    offset: int
    at: datetime
    channel: str | None
    contract_type: str | None
    watched: Watched
    """The champion whose bins it is counted in."""
    decision: ApplicationDecided | None = None
    values: NDArray[np.float32] | None = None
    """Monitored features, shape (monitored,)."""
    unknown: NDArray[np.bool_] | None = None
    """Which of them had an unknown word."""


Result = Emit[Observed] | Reject | Hold


class MonitoringHandler:
    """Reads events; refuses what cannot be counted, and holds what no champion could be compared with yet."""

    topics = (FEATURES.name, DECISIONS.name)

    def __init__(self, champion: Champion) -> None:
        self._champion = champion

    def __call__(self, records: Sequence[Record]) -> list[Result]:
        """Return what to count of each record, why it is refused, or why it must wait."""
        watched = self._champion.current
        if watched is None:
            return [Hold(NO_CHAMPION)] * len(records)
        results: list[Result] = [Emit()] * len(records)
        vectors: defaultdict[str, list[tuple[int, FeaturesComputed]]] = defaultdict(list)
        for index, record in enumerate(records):
            try:
                if record.partition.topic == DECISIONS.name:
                    decision = decode_fast(ApplicationDecided, record.value, record.headers)
                    require_decision(record, decision)
                    seen = observed(record, watched, decision, decision.decided_at, decision=decision)
                    results[index] = Emit((seen,))
                else:
                    features = decode_fast(FeaturesComputed, record.value, record.headers)
                    require_features(record, features)
                    vectors[features.catalogue_version].append((index, features))
            except ContractError as error:
                results[index] = Reject(str(error))
        for version, read in vectors.items():
            for index, result in self._features(watched, version, records, read):
                results[index] = result
        return results

    def _features(
        self,
        watched: Watched,
        version: str,
        records: Sequence[Record],
        read: Sequence[tuple[int, FeaturesComputed]],
    ) -> list[tuple[int, Result]]:
        """Read vectors of one catalogue; those that lack a monitored feature are passed over."""
        width, places = self._champion.width(version), self._champion.places(watched, version)
        if width is None:
            wait = Hold(f"catalogue {version} is not described yet: start its feature service")
            return [(index, wait) for index, _ in read]
        if places is None:
            return [(index, Emit()) for index, _ in read]
        matrix = unpack((features.vector for _, features in read), width)[:, places]
        names = watched.features.names
        unknown = np.zeros(matrix.shape, dtype=np.bool_)
        for cells, (_, each) in zip(unknown, read, strict=True):
            if each.unknown_words:
                cells[:] = [name in each.unknown_words for name in names]
        results: list[tuple[int, Result]] = []
        for (index, each), values, words in zip(read, matrix, unknown, strict=True):
            seen = observed(*(records[index], watched, each, each.computed_at), values=values, unknown=words)
            results.append((index, Emit((seen,))))
        return results


def observed(
    record: Record,
    watched: Watched,
    event: ApplicationDecided | FeaturesComputed,
    handled: datetime,
    *,
    decision: ApplicationDecided | None = None,
    values: NDArray[np.float32] | None = None,
    unknown: NDArray[np.bool_] | None = None,
) -> Observed:
    """Return what a record tells, with where it stands; `handled` is when its stage made it."""
    return Observed(
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
        at=counted_at(record, handled),
        channel=event.channel,
        contract_type=event.contract_type,
        watched=watched,
        decision=decision,
        values=values,
        unknown=unknown,
    )
