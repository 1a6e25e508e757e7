"""The golden applications meet the ends of the contract, and find a model that cannot decide."""

import pytest

from services.contracts.catalogue import FeatureDescription
from services.scorecard.bundle import Bundle
from services.scorecard.calibration import Calibration
from services.scorecard.columns import columns_of
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.ranges import allowed_numbers
from services.scorecard.standard import standard_catalogue
from services.training.golden import golden_applications, golden_or_error, score_golden
from tests.models import small_bundle


def model_of(bundle: Bundle) -> Model:
    return ready(bundle, load_policy(), standard_catalogue())


def test_both_ends_of_every_range_and_what_nobody_knows_are_there() -> None:
    applications = golden_applications()
    for name, allowed in allowed_numbers().items():
        cells = {getattr(application, name) for application in applications}
        assert allowed.ranges[0].highest in cells, name
        assert any(cell is not None and cell <= max(allowed.ranges[0].lowest, 1e-300) for cell in cells), name
    unknown = columns_of(applications).unknown
    assert any(row.words for row in unknown.values())
    assert any(row.fields for row in unknown.values())


def test_a_model_that_decides_is_timed() -> None:
    assert score_golden(model_of(small_bundle())) > 0


def test_a_model_that_gives_no_probability_is_found() -> None:
    endless = Calibration(slope=1e308, intercept=1.7e308)
    model = model_of(small_bundle().model_copy(update={"calibration": endless}))
    with pytest.raises(ValueError, match="gives no probability"):
        score_golden(model)
    assert "gives no probability" in str(golden_or_error(model))


def test_a_model_of_features_that_are_not_computed_is_found() -> None:
    bundle = small_bundle()
    first, *rest = bundle.features
    other = FeatureDescription(name=first.name, definition="0" * 12)
    model = model_of(bundle.model_copy(update={"features": (other, *rest)}))
    with pytest.raises(ValueError, match=f"defined otherwise: {first.name}"):
        score_golden(model)
