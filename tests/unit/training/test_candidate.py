"""A candidate is a bundle that decides, with the evidence for it."""

import numpy as np
import pytest

from services.scorecard.bundle import from_files, to_files
from services.scorecard.compatibility import bind
from services.scorecard.decide import probabilities
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidate import Candidate, make_candidate
from services.training.data import LabelledData, read
from services.training.errors import NothingLearntError
from services.training.options import parse
from services.training.plots import plots
from services.training.sample import write_sample

CATALOGUE = standard_catalogue()
OPTIONS = parse(["--data", "folder", "--trees", "20", "--rate", "0.2", "--folds", "3"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> LabelledData:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, rows=2500, unlabelled=1, seed=4)
    return read(folder, CATALOGUE, OPTIONS.folds)


@pytest.fixture(scope="module")
def candidate(data: LabelledData) -> Candidate:
    return make_candidate(data, CATALOGUE, load_policy(), OPTIONS, print)


def test_the_bundle_ranks_defaulters_first(data: LabelledData, candidate: Candidate) -> None:
    bundle = from_files(to_files(candidate.bundle))
    model = ready(bundle, load_policy(), CATALOGUE)
    found = probabilities(model, data.matrix[:, bind(model.required, CATALOGUE.features)])
    assert found[data.defaulted].mean() > 1.5 * found[~data.defaulted].mean()
    assert bundle.metrics["auc"] > 0.6
    assert bundle.metrics["business_score"] > 0.54


def test_features_that_never_change_are_no_columns_of_the_model(
    data: LabelledData, candidate: Candidate
) -> None:
    constant = {
        name
        for name, column in zip(CATALOGUE.names, data.matrix.T, strict=True)
        if len(np.unique(column)) == 1
    }
    assert constant
    assert {feature.name for feature in candidate.bundle.features} == set(CATALOGUE.names) - constant


def test_the_most_important_features_are_monitored(data: LabelledData, candidate: Candidate) -> None:
    profile = candidate.bundle.reference_profile
    assert [feature.name for feature in profile.features] == list(candidate.importance)[:20]
    assert sum(candidate.importance.values()) == pytest.approx(1)
    assert profile.rows == len(data.defaulted)


def test_every_plot_is_a_picture(candidate: Candidate) -> None:
    drawn = plots(candidate)
    assert sorted(drawn) == ["calibration.png", "cost_curve.png", "importance.png", "roc.png"]
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())


@pytest.mark.parametrize("rows", [300, 2500])
def test_nothing_learnt_makes_no_candidate(data: LabelledData, rows: int) -> None:
    # Too few rows for a single split; and labels that have nothing to do with their rows.
    labels = data.defaulted[:rows] if rows == 300 else np.roll(np.sort(data.defaulted), 7)
    told_nothing = LabelledData(data.matrix[:rows], labels, data.fingerprint)
    with pytest.raises(NothingLearntError, match="no better than chance"):
        make_candidate(told_nothing, CATALOGUE, load_policy(), OPTIONS, print)
