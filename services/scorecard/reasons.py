"""Reasons: what the parts of a model's margin mean in plain words."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from importlib.resources import files
from tomllib import loads
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "fr"]
Text = Annotated[str, Field(min_length=1)]


class ReasonGroup(BaseModel):
    """Features that are one reason to an applicant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    features: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of features; * stands for any part of a name."""
    against_en: Text
    against_fr: Text
    for_en: Text
    for_fr: Text
    missing_en: Text | None = None
    """Said where the group has no value at all; without it, what is said otherwise."""
    missing_fr: Text | None = None

    def text(self, *, against: bool, missing: bool = False, language: Language = "en") -> str:
        """Return what to say when the group raised the risk, or lowered it."""
        absent = self.missing_fr if language == "fr" else self.missing_en
        if missing and absent is not None:
            return absent
        if language == "fr":
            return self.against_fr if against else self.for_fr
        return self.against_en if against else self.for_en

    def has(self, feature: str) -> bool:
        """Whether a feature belongs to this group."""
        return any(fnmatchcase(feature, pattern) for pattern in self.features)


class Reasons(BaseModel):
    """All reason groups."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    groups: tuple[ReasonGroup, ...]

    def groups_of(self, features: Sequence[str]) -> NDArray[np.intp]:
        """Position of each feature's group, shape (features,).

        Raises ValueError for a feature that belongs to no group or to several.
        """
        return np.array([self._group_of(feature) for feature in features], dtype=np.intp)

    def _group_of(self, feature: str) -> int:
        found = [place for place, group in enumerate(self.groups) if group.has(feature)]
        if len(found) != 1:
            codes = ", ".join(self.groups[place].code for place in found) or "none"
            raise ValueError(f"{feature}: must belong to one reason group, found {codes}; see reasons.toml")
        return found[0]


def load_reasons() -> Reasons:
    """Read the reasons of this release. Raises pydantic's ValidationError when the file is wrong."""
    text = files("services.scorecard").joinpath("reasons.toml").read_text(encoding="utf-8")
    return Reasons.model_validate(loads(text))
