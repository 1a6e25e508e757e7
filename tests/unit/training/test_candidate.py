"""A candidate is a bundle that decides, with the evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.scorecard.bundle import from_files, to_files
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.decide import probabilities
from services.scorecard.features_domain import EXTERNAL_SCORES
from services.scorecard.model import ready
from services.scorecard.performance import Probabilities
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidate import Candidate, make_candidate
from services.training.command_line import parse
from services.training.constraints import AMBIGUOUS, PROTECTED
from services.training.data import LabelledData
from services.training.errors import NothingLearntError
from services.training.explore import explore
from services.training.plots import plots

CATALOGUE = standard_catalogue()
OPTIONS = parse(["--data", "folder", "--trees", "20", "--rate", "0.2", "--folds", "3"])


def test_the_bundle_ranks_defaulters_first(data: LabelledData, candidate: Candidate) -> None:
    bundle = from_files(to_files(candidate.bundle))
    model = ready(bundle, load_policy(), CATALOGUE)
    found = probabilities(model, data.matrix[:, bind(model.required, CATALOGUE.features)])
    assert found[data.defaulted].mean() > 1.5 * found[~data.defaulted].mean()
    assert bundle.metrics["auc"] > 0.6
    assert bundle.metrics["business_score"] > 0.54


def test_features_that_never_change_are_protected_or_ambiguous_are_no_columns_of_the_model(
    data: LabelledData, candidate: Candidate
) -> None:
    constant = {
        name
        for name, column in zip(CATALOGUE.names, data.matrix.T, strict=True)
        if len(np.unique(column)) == 1
    }
    assert constant
    assert set(CATALOGUE.names) - constant >= PROTECTED | AMBIGUOUS
    used = {feature.name for feature in candidate.bundle.features}
    assert used.isdisjoint(constant | PROTECTED | AMBIGUOUS)
    assert 10 < len(used) <= OPTIONS.fitting.features


@pytest.mark.parametrize(
    ("column", "step"),
    [("EXT_SOURCE_1", 0.2), ("EXT_SOURCE_2", 0.2), ("EXT_SOURCE_3", 0.2), ("DAYS_EMPLOYED", -900.0)],
)
def test_nothing_better_in_an_application_raises_its_risk(
    candidate: Candidate, column: str, step: float
) -> None:
    """What is stated once stands in many features: all of them together must go the right way."""
    applications = [application for application in sampled() if application[column] is not None]
    better = [{**application, column: application[column] + step} for application in applications]
    before, after = risks(candidate, applications), risks(candidate, better)
    assert np.all(after <= before + 1e-7)
    assert np.mean(after < before - 1e-4) > 0.2


def sampled() -> list[dict[str, Any]]:
    """Applications whose numbers have room to grow by a step."""
    random = np.random.default_rng(9)
    return [
        {
            **APPLICATION,
            **dict(zip(EXTERNAL_SCORES, random.uniform(0, 0.79, 3).tolist(), strict=True)),
            **{name: None for name in EXTERNAL_SCORES if random.random() < 0.2},
            "DAYS_EMPLOYED": float(random.integers(-4000, -1)),
        }
        for _ in range(300)
    ]


def risks(candidate: Candidate, applications: Sequence[Mapping[str, Any]]) -> Probabilities:
    model = ready(candidate.bundle, load_policy(), CATALOGUE)
    columns = columns_of([LoanApplication.model_validate(each) for each in applications])
    return probabilities(model, CATALOGUE.compute(columns)[:, bind(model.required, CATALOGUE.features)])


def test_what_is_asked_for_and_the_most_important_features_are_monitored(
    data: LabelledData, candidate: Candidate
) -> None:
    profile = candidate.bundle.reference_profile
    monitored = {feature.name for feature in profile.features}
    assert len(monitored) == 20
    assert monitored >= {next(iter(candidate.importance)), "AMT_CREDIT", "AMT_INCOME_TOTAL"}
    assert sum(candidate.importance.values()) == pytest.approx(1)
    assert list(candidate.importance.values()) == sorted(candidate.importance.values(), reverse=True)
    assert profile.rows == len(data.defaulted)


def test_every_plot_is_a_picture(candidate: Candidate) -> None:
    drawn = plots(candidate)
    names = ["calibration.png", "cost_curve.png", "dependence.png", "importance.png", "roc.png"]
    assert sorted(drawn) == names
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())


def test_contributions_add_up_to_the_log_odds(candidate: Candidate) -> None:
    model = ready(candidate.bundle, load_policy(), CATALOGUE)
    values = candidate.influence.values
    log_odds = candidate.bundle.calibration.log_odds(model.explainer.margins(values))
    rest = log_odds - candidate.influence.contributions.sum(axis=1)
    assert rest == pytest.approx(np.full(len(values), rest[0]), abs=1e-5)


def test_the_page_of_figures_names_them_and_asks_no_network(candidate: Candidate) -> None:
    page = explore(candidate)
    strongest = list(candidate.importance)[:10]
    for named in ("Business score of every threshold", "Calibration", "ROC curve", *strongest):
        assert named in page
    assert "<script src" not in page


@pytest.mark.parametrize("rows", [300, 2500])
def test_nothing_learnt_makes_no_candidate(data: LabelledData, rows: int) -> None:
    # Too few rows for a single split; and labels that have nothing to do with their rows.
    labels = data.defaulted[:rows] if rows == 300 else np.roll(np.sort(data.defaulted), 7)
    told_nothing = replace(data.part(np.arange(len(data.defaulted)) < rows), defaulted=labels)
    with pytest.raises(NothingLearntError, match="no better than chance"):
        make_candidate(told_nothing, CATALOGUE, load_policy(), OPTIONS, print)
