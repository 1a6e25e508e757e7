"""Policy: the lender's rules, which speak before the model does."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from operator import ge, gt, le, lt
from tomllib import loads
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scorecard.catalogue import Matrix

Comparison = Literal["<", "<=", ">", ">="]
# Only comparisons that are false for NaN: a missing number triggers no rule.
_COMPARE: Final[Mapping[Comparison, Callable[[Any, float], Any]]] = MappingProxyType(
    {"<": lt, "<=": le, ">": gt, ">=": ge}
)


class PolicyRule(BaseModel):
    """One rule: a feature, compared with a value, decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    feature: str
    comparison: Comparison
    value: Annotated[float, Field(allow_inf_nan=False)]
    outcome: Literal["refused", "review"]
    text_en: Annotated[str, Field(min_length=1)]
    text_fr: Annotated[str, Field(min_length=1)]


class Policy(BaseModel):
    """All rules, those that refuse first, as the first rule that a row meets decides it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    rules: tuple[PolicyRule, ...]

    @model_validator(mode="after")
    def _in_order(self) -> "Policy":
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) < len(codes):
            raise ValueError("rules: each needs a code of its own")
        reviews = [rule.outcome == "review" for rule in self.rules]
        if reviews != sorted(reviews):
            raise ValueError("rules: those that refuse must stand before those that ask for a review")
        return self

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features that the rules read, each once, in the rules' order."""
        return tuple(dict.fromkeys(rule.feature for rule in self.rules))

    def columns_in(self, names: Sequence[str]) -> tuple[int, ...]:
        """Tell which column each rule reads, of a matrix with these. Raises ValueError if there is none."""
        return tuple(names.index(rule.feature) for rule in self.rules)

    def first_rules(self, matrix: Matrix, columns: Sequence[int]) -> NDArray[np.intp]:
        """For each row the position of the first rule that it meets, or the number of rules if none.

        `columns` has the column of each rule, from `columns_in`.
        """
        first = np.full(len(matrix), len(self.rules), dtype=np.intp)
        for position in reversed(range(len(self.rules))):
            rule = self.rules[position]
            met = _COMPARE[rule.comparison](matrix[:, columns[position]], rule.value)
            first[met] = position
        return first


def load_policy() -> Policy:
    """Read the policy of this release. Raises pydantic's ValidationError when the file is wrong."""
    text = files("services.scorecard").joinpath("policy.toml").read_text(encoding="utf-8")
    return Policy.model_validate(loads(text))
