"""Which column of a vector is which input of a model, worked out once per model and catalogue."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from services.scorecard.compatibility import FeatureMissing, bind
from services.scoring.catalogues import Catalogues
from services.scoring.models import LoadedModel

Positions = NDArray[np.intp]


class UnboundError(LookupError):
    """Vectors of a catalogue cannot be read by a model yet; the message says why."""


class Bindings:
    """Positions of models' features in catalogues' vectors."""

    def __init__(
        self, catalogues: Catalogues, on_missing: Callable[[LoadedModel, str, FeatureMissing], None]
    ) -> None:
        self._catalogues = catalogues
        self._on_missing = on_missing
        self._positions: dict[tuple[str, str], Positions] = {}
        self._reported: set[tuple[str, str, str]] = set()

    def width(self, catalogue_version: str) -> int:
        """Return the length of a catalogue's vectors. Raises UnboundError when it is not described."""
        features = self._catalogues.features(catalogue_version)
        if features is None:
            raise UnboundError(
                f"catalogue {catalogue_version} is not described yet: start its feature service"
            )
        return len(features)

    def positions(self, loaded: LoadedModel, catalogue_version: str) -> Positions:
        """Return where the model's features stand. Raises UnboundError when the vectors lack one."""
        pair = (loaded.identity.version, catalogue_version)
        if pair not in self._positions:
            offered = self._catalogues.features(catalogue_version) or ()
            try:
                self._positions[pair] = bind(loaded.model.required, offered)
            except FeatureMissing as error:
                missing = (loaded.identity.role, *pair)
                if missing not in self._reported:
                    self._reported.add(missing)
                    self._on_missing(loaded, catalogue_version, error)
                raise UnboundError(str(error)) from error
        return self._positions[pair]
