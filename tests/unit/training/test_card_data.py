"""A card's figures as numbers: what a program reads is what the model does on the unseen rows."""

import json
from typing import Any

import numpy as np
import pytest

from services.scorecard.model import ready
from services.scorecard.performance import Probabilities, quality
from services.scorecard.policy import load_policy
from services.scorecard.reasons import load_reasons
from services.scorecard.standard import standard_catalogue
from services.training.candidate import Candidate, probabilities_on
from services.training.card_data import PEERS, card_data, peers, usual
from services.training.data import LabelledData

CATALOGUE = standard_catalogue()


@pytest.fixture(scope="module")
def found(data: LabelledData, candidate: Candidate) -> Probabilities:
    return probabilities_on(data, ready(candidate.bundle, load_policy(), CATALOGUE), CATALOGUE)


@pytest.fixture(scope="module")
def documents(data: LabelledData, candidate: Candidate, found: Probabilities) -> dict[str, Any]:
    files = card_data(candidate, data, found, CATALOGUE)
    return {name: json.loads(content) for name, content in files.items()}


def test_the_cost_curve_tells_what_the_metrics_tell_at_each_threshold(
    data: LabelledData, candidate: Candidate, found: Probabilities, documents: dict[str, Any]
) -> None:
    curve = documents["cost_curve.json"]
    place = len(curve["thresholds"]) // 3
    expected = quality(data.defaulted, found, curve["thresholds"][place], candidate.bundle.costs)
    for name in ("approval_rate", "recall", "precision", "cost_per_application", "business_score"):
        assert curve[name][place] == pytest.approx(expected[name])
        assert len(curve[name]) == len(curve["thresholds"])
    assert curve["approval_rate"][0] == 0
    assert curve["chosen"] == candidate.bundle.threshold
    assert curve["chosen"] in curve["thresholds"]


def test_calibration_and_importance_cover_all_rows_and_features(
    data: LabelledData, candidate: Candidate, documents: dict[str, Any]
) -> None:
    calibration = documents["calibration.json"]
    assert sum(calibration["rows"]) == len(data.defaulted)
    assert np.average(calibration["observed"], weights=calibration["rows"]) == data.defaulted.mean()
    assert sum(each["share"] for each in documents["importance.json"]) == pytest.approx(1)
    assert documents["importance.json"][0]["feature"] == next(iter(candidate.importance))


def test_peers_are_the_quantiles_of_each_kind(data: LabelledData) -> None:
    refused = np.arange(len(data.matrix)) % 3 == 0
    order = ("NAME_EDUCATION_TYPE", "EXT_SOURCE_2", *sorted(CATALOGUE.names))
    told = peers(dict.fromkeys(order, 0.1), load_reasons(), data.matrix, refused, CATALOGUE)["features"]
    assert len(told) == PEERS
    first = told[0]
    values = data.matrix[refused, CATALOGUE.names.index("EXT_SOURCE_2")]
    assert (first["name"], first["refused"]["q25"]) == (
        "EXT_SOURCE_2",
        pytest.approx(np.nanpercentile(values.astype(float), 25)),
    )
    codes = {group.code for group in load_reasons().groups}
    assert {each["reason_code"] for each in told} <= codes


def test_amounts_are_told_by_their_quantiles_where_somebody_states_them(data: LabelledData) -> None:
    matrix = data.matrix.copy()
    matrix[:, CATALOGUE.names.index("AMT_GOODS_PRICE")] = np.nan
    told = usual(matrix, CATALOGUE)
    assert told.keys() == {"AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL"}
    incomes = matrix[:, CATALOGUE.names.index("AMT_INCOME_TOTAL")].astype(float)
    assert told["AMT_INCOME_TOTAL"]["q75"] == pytest.approx(np.nanpercentile(incomes, 75))
