import json
import logging
from collections.abc import Callable

import numpy as np
import pytest

from services.scorecard.booster import BoosterExplainer, loaded, rows_around_thresholds, saved
from services.scorecard.booster_document import BoosterDocument
from services.scorecard.bundle import BundleError
from services.scorecard.explanation import TableExplainer, explainer_of, gives
from services.scorecard.probe import Probe
from services.scorecard.tree_tables import tables_of
from tests.unit.scorecard.boosters import FEATURES, GROUPS, forest, trained

BOOSTER, OTHER = trained(3, seed=1), trained(3, seed=2)
CONTENT, PROBE = saved(BOOSTER)
EXPECTED = PROBE.expected(FEATURES)


def never() -> BoosterExplainer:
    raise AssertionError("XGBoost was asked for")


def test_tables_give_the_margins_of_the_probe_to_the_bit_without_xgboost() -> None:
    explainer = explainer_of(BoosterDocument.model_validate_json(CONTENT), PROBE, GROUPS, never)
    assert isinstance(explainer, TableExplainer)
    np.testing.assert_array_equal(explainer.margins(EXPECTED.matrix), EXPECTED.margins)


def test_the_probe_serves_any_grouping_of_features() -> None:
    document = BoosterDocument.model_validate_json(CONTENT)
    for groups in (np.arange(FEATURES), np.zeros(FEATURES, dtype=np.intp), GROUPS[::-1]):
        assert isinstance(explainer_of(document, PROBE, groups, never), TableExplainer)


def test_tables_that_differ_from_xgboost_are_not_used(caplog: pytest.LogCaptureFixture) -> None:
    # The trees of one booster with all else of another, as a fault in reading trees would have it.
    own = BoosterExplainer(BOOSTER, GROUPS)
    wrong = BoosterDocument.model_validate_json(saved(OTHER).booster)
    with caplog.at_level(logging.WARNING):
        assert explainer_of(wrong, PROBE, GROUPS, lambda: own) is own
    assert "differ from what XGBoost gave" in caplog.text


def test_a_booster_that_does_not_give_what_it_gave_is_no_bundle() -> None:
    other = BoosterExplainer(OTHER, GROUPS)
    document = BoosterDocument.model_validate_json(saved(OTHER).booster)
    with pytest.raises(BundleError, match="does not give what the probe says"):
        explainer_of(document, PROBE, GROUPS, lambda: other)


@pytest.mark.parametrize("wrong", ["margins", "contributions"])
def test_one_wrong_number_is_found(wrong: str) -> None:
    explainer = TableExplainer(tables_of(forest(BOOSTER), GROUPS))
    assert gives(explainer, EXPECTED, GROUPS)
    numbers = getattr(EXPECTED, wrong).copy()
    numbers.flat[7] += 1e-4
    assert not gives(explainer, EXPECTED._replace(**{wrong: numbers}), GROUPS)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda probe: {"rows": probe.rows[:-1]}, "contributions: must be of 63 rows, not of 64"),
        (lambda probe: {"margins": probe.margins[:-8]}, "must hold 64 float32 numbers"),
        (lambda _: {"margins": "?"}, "is not base64"),
    ],
)
def test_a_probe_that_does_not_fit_is_no_bundle(
    damage: Callable[[Probe], dict[str, object]], fault: str
) -> None:
    damaged = PROBE.model_copy(update=damage(PROBE))
    with pytest.raises(BundleError, match=f"probe: .*{fault}"):
        explainer_of(BoosterDocument.model_validate_json(CONTENT), damaged, GROUPS, never)


def test_rows_to_check_lie_at_thresholds_and_beside_them_and_have_missing_cells() -> None:
    trees = forest(BOOSTER)
    matrix = rows_around_thresholds(BoosterDocument.model_validate_json(CONTENT))
    np.testing.assert_array_equal(matrix, EXPECTED.matrix)
    for feature in range(FEATURES):
        at = trees.thresholds[(trees.features == feature) & ~trees.filling]
        cells = set(matrix[:, feature][~np.isnan(matrix[:, feature])].tolist())
        assert cells & set(at.tolist())
        assert cells - set(at.tolist())
    assert np.isnan(matrix).any(axis=0).all()


@pytest.mark.parametrize("end", [-np.inf, np.inf])
def test_a_threshold_beyond_all_numbers_parts_what_is_missing_from_the_rest(end: float) -> None:
    document = json.loads(CONTENT)
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        nodes = zip(tree["left_children"], tree["split_conditions"], strict=True)
        tree["split_conditions"] = [
            end if left != -1 and node % 2 else value for node, (left, value) in enumerate(nodes)
        ]
    content, probe = saved(loaded(json.dumps(document).encode(), threads=1))
    matrix = probe.expected(FEATURES).matrix
    assert not np.isinf(matrix).any()
    assert (np.abs(matrix) == np.finfo(np.float32).max).any()
    explainer = explainer_of(BoosterDocument.model_validate_json(content), probe, GROUPS, never)
    assert isinstance(explainer, TableExplainer)
