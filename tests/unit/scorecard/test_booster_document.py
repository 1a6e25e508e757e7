"""A booster's file is refused at its first fault, and by how many trees it has."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.scorecard.booster_document import MOST_TREES
from services.scorecard.bundle import BundleError
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.models import small_bundle

BUNDLE = small_bundle()
Trees = list[Any]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda _: [0] * 1_000, "trees.0"),
        (lambda trees: [trees[0] | {"split_conditions": ["x"] * 1_000}], "split_conditions.0"),
        (lambda trees: [trees[0] | {"left_children": ["x"] * 1_000}], "left_children.0"),
        (lambda trees: [trees[0] | {"default_left": ["x"] * 1_000}], "default_left.0"),
        (lambda trees: trees[:1] * (MOST_TREES + 1), f"at most {MOST_TREES} items"),
    ],
)
def test_what_is_wrong_is_told_in_short(change: Callable[[Trees], Trees], fault: str) -> None:
    document = json.loads(BUNDLE.booster)
    model = document["learner"]["gradient_booster"]["model"]
    model["trees"] = change(model["trees"])
    damaged = BUNDLE.model_copy(update={"booster": json.dumps(document).encode()})
    with pytest.raises(BundleError) as raised:
        ready(damaged, load_policy(), standard_catalogue())
    assert fault in str(raised.value)
    assert len(str(raised.value)) < 2_000
