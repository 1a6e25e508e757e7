"""What the vectors of other catalogues mean, as feature services have said on the catalogues' topic."""

from collections.abc import Sequence

import structlog

from services.contracts.catalogue import CatalogueDescribed, FeatureDescription
from services.contracts.codec import ContractError, decode
from services.kit.records import Record
from services.scorecard.catalogue import Catalogue

log = structlog.stdlib.get_logger("catalogues")


class Catalogues:
    """Feature lists by catalogue version; this release's own is known from the start."""

    def __init__(self, own: Catalogue) -> None:
        self._features: dict[str, Sequence[FeatureDescription]] = {own.version: own.features}

    def take(self, record: Record) -> None:
        """Learn from a record of the topic."""
        try:
            described = decode(CatalogueDescribed, record.value, record.headers)
        except ContractError as error:
            log.warning("catalogue_unreadable", position=record.position(), error=str(error))
            return
        self._features.setdefault(described.catalogue_version, described.features)

    def features(self, version: str) -> Sequence[FeatureDescription] | None:
        """Return the features of a catalogue in the order of its vectors, None if nobody has described it."""
        return self._features.get(version)
