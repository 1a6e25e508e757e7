"""The booster's file: XGBoost's own JSON format, as far as trees are read from it."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator

MOST_TREES: Final = 5000
"""That are read. Training grows 300, and what a tree does takes 20 kB when it is worked out."""
# The first that is wrong is told, and no other: a file has room for millions, at a kilobyte of memory each.
Numbers = Annotated[tuple[int, ...], FailFast()]
Floats = Annotated[tuple[float, ...], FailFast()]
"""XGBoost writes a float32 with as many digits as name it alone, so that reading it gives the same bits."""


class Tree(BaseModel):
    """A tree as columns, a cell per node; node 0 is the root."""

    model_config = ConfigDict(frozen=True)

    left_children: Annotated[Numbers, Field(min_length=1)]
    """-1 at a leaf."""
    right_children: Numbers
    split_indices: Numbers
    split_conditions: Floats
    """Threshold of a split, value of a leaf."""
    split_type: Numbers
    """0 for a threshold."""
    default_left: Annotated[tuple[bool, ...], FailFast()]
    sum_hessian: Floats

    @model_validator(mode="after")
    def _whole(self) -> Self:
        nodes = len(self.left_children)
        columns: Mapping[str, tuple[float, ...]] = dict(self)
        for name, column in columns.items():
            if len(column) != nodes:
                raise ValueError(f"{name}: has {len(column)} nodes, left_children {nodes}")
        for left, right in zip(self.left_children, self.right_children, strict=True):
            if not (left == right == -1 or (0 < left < nodes and 0 < right < nodes)):
                raise ValueError(f"left_children and right_children: no nodes {left} and {right}")
        return self


class Trees(BaseModel):
    """The trees of a booster; a linear one has none."""

    model_config = ConfigDict(frozen=True)

    trees: Annotated[tuple[Tree, ...], FailFast(), Field(max_length=MOST_TREES)] = ()


class GradientBooster(BaseModel):
    """What is boosted."""

    model_config = ConfigDict(frozen=True)

    name: str
    model: Trees = Trees()
    gbtree: "GradientBooster | None" = None
    """The trees of a booster that drops some (dart)."""

    def trees(self) -> tuple[Tree, ...]:
        """Return all trees in their order."""
        return self.gbtree.trees() if self.gbtree else self.model.trees


class Parameters(BaseModel):
    """Sizes of a booster."""

    model_config = ConfigDict(frozen=True)

    num_feature: int
    num_class: int
    num_target: int


class Learner(BaseModel):
    """A booster with its sizes."""

    model_config = ConfigDict(frozen=True)

    gradient_booster: GradientBooster
    learner_model_param: Parameters

    @model_validator(mode="after")
    def _splits_on_columns_that_exist(self) -> Self:
        features = self.learner_model_param.num_feature
        for tree in self.gradient_booster.trees():
            # A leaf's column means nothing, and is no number of a column where pruning left the node behind.
            for column, left in zip(tree.split_indices, tree.left_children, strict=True):
                if left != -1 and not 0 <= column < features:
                    raise ValueError(f"split_indices: no column {column} among {features}")
        return self


class BoosterDocument(BaseModel):
    """The whole file. Reading another raises pydantic's ValidationError."""

    model_config = ConfigDict(frozen=True)

    learner: Learner
