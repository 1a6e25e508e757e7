"""Whether a vector of one catalogue can be read by a model of another: feature by feature."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.contracts.catalogue import FeatureDescription


class FeatureMissing(LookupError):  # noqa: N818 - says what happened
    """A model needs features that the catalogue does not offer, or defines otherwise."""

    def __init__(self, absent: Sequence[str], redefined: Sequence[str]) -> None:
        self.absent = tuple(absent)
        self.redefined = tuple(redefined)
        said = [
            f"{what}: {', '.join(names)}"
            for what, names in (("absent", self.absent), ("defined otherwise", self.redefined))
            if names
        ]
        super().__init__(
            f"the vector lacks features that the model needs ({'; '.join(said)}); "
            "roll out the feature service of the model's catalogue, or a model of this catalogue"
        )


def bind(required: Sequence[FeatureDescription], offered: Sequence[FeatureDescription]) -> NDArray[np.intp]:
    """Positions in `offered` of the `required` features, in the order required.

    Raises FeatureMissing, which names every feature that is absent or defined otherwise.
    """
    places = {feature.name: place for place, feature in enumerate(offered)}
    absent = [feature.name for feature in required if feature.name not in places]
    redefined = [
        feature.name
        for feature in required
        if feature.name in places and offered[places[feature.name]].definition != feature.definition
    ]
    if absent or redefined:
        raise FeatureMissing(absent, redefined)
    return np.array([places[feature.name] for feature in required], dtype=np.intp)
