"""The feature catalogue: what each feature is, and one float32 matrix of all of them for a batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from json import dumps

import numpy as np
from numpy.typing import NDArray

from services.contracts.catalogue import CatalogueDescribed, FeatureDescription
from services.scorecard.columns import Columns

Matrix = NDArray[np.float32]
"""Shape (rows, features), C-contiguous, finite, NaN where missing."""
_LIMITS = np.finfo(np.float32)


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """A feature in words: equal definitions promise equal numbers."""

    name: str
    formula: str
    sources: tuple[str, ...]
    """Columns of the application that it is computed from."""
    revision: int = 1
    """To be raised whenever values change on purpose."""
    categories: tuple[str, ...] = ()
    """For a category: what the values 0, 1, 2... stand for."""

    def described(self) -> FeatureDescription:
        """Name, and as definition a hash of all that is said here, 12 hex digits."""
        return FeatureDescription(
            name=self.name,
            definition=_digest([self.name, self.formula, self.sources, self.revision, self.categories]),
        )


@dataclass(frozen=True, slots=True)
class FeatureBlock:
    """Features that are computed together."""

    definitions: tuple[FeatureDefinition, ...]
    compute: Callable[[Columns], Sequence[NDArray[np.floating]] | NDArray[np.floating]]
    """Returns a column per feature, in the order of the definitions, NaN where missing."""


@dataclass(frozen=True)
class Catalogue:
    """All features, in the order of the vector."""

    blocks: tuple[FeatureBlock, ...]

    @cached_property
    def definitions(self) -> tuple[FeatureDefinition, ...]:
        """Definitions in the order of the vector."""
        return tuple(chain.from_iterable(block.definitions for block in self.blocks))

    @cached_property
    def features(self) -> tuple[FeatureDescription, ...]:
        """Names and definition hashes in the order of the vector."""
        return tuple(definition.described() for definition in self.definitions)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Feature names in the order of the vector."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def version(self) -> str:
        """Hash of names, definitions and their order, 12 hex digits."""
        return _digest([(feature.name, feature.definition) for feature in self.features])

    def described(self) -> CatalogueDescribed:
        """Return the event that tells readers what the vectors of this catalogue mean."""
        return CatalogueDescribed(catalogue_version=self.version, features=self.features)

    def compute(self, columns: Columns) -> Matrix:
        """All features of a batch."""
        by_feature = np.empty((len(self.definitions), columns.rows), dtype=np.float32)
        start = 0
        # An amount next to nothing is allowed and makes quotients that float32 cannot hold: they become
        # the largest number that it can, since XGBoost may refuse infinity and the policy must see them.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            for block in self.blocks:
                end = start + len(block.definitions)
                by_feature[start:end] = block.compute(columns)
                start = end
        by_feature.clip(_LIMITS.min, _LIMITS.max, out=by_feature)
        return np.ascontiguousarray(by_feature.T)


def _digest(said: object) -> str:
    return sha256(dumps(said).encode()).hexdigest()[:12]
