"""What feature vectors mean: said once per catalogue version, on a compacted topic."""

from typing import Literal

from services.contracts.event import Event, Value


class FeatureDescription(Value):
    """A feature's name and the hash of its definition: equal hashes mean equal numbers."""

    name: str
    """Name in the catalogue."""
    definition: str
    """Hash of the definition."""


class CatalogueDescribed(Event):
    """What the positions of a feature vector mean, for readers with another catalogue of their own."""

    event: Literal["CatalogueDescribed"] = "CatalogueDescribed"
    version: Literal[1] = 1
    catalogue_version: str
    """Derived from the definitions."""
    features: tuple[FeatureDescription, ...]
    """In the order of the vector."""

    def subject(self) -> str:
        """Return the catalogue's version."""
        return self.catalogue_version
