"""The gate lets in what is better, keeps what is as good in the shadow, and refuses the rest."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted, quality
from services.training.gate import LEAST_OF_EACH, Limits, judge_candidate
from services.training.paired import Judged
from services.training.verdict import Verdict

ROWS = 3000
COSTS = Costs()
RANDOM = np.random.default_rng(11)
RISK = RANDOM.normal(-2.5, 1.2, ROWS)
DEFAULTED: Defaulted = RANDOM.random(ROWS) < 1 / (1 + np.exp(-RISK))
NOISE = RANDOM.normal(size=(2, ROWS))


def model(*, noise: float = 0.0, shift: float = 0.0, of: int = 0, golden: float | str = 2e-5) -> Judged:
    """Return a model that sees the risk through noise."""
    seen = RISK + noise * NOISE[of] + shift
    return Judged(probabilities=1 / (1 + np.exp(-seen)), threshold=1 / 11, golden=golden)


def verdict_on(candidate: Judged, champion: Judged | None, *, limits: Limits | None = None) -> Verdict:
    return judge_candidate(DEFAULTED, candidate, champion, costs=COSTS, rounds=200, limits=limits or Limits())


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def test_a_better_model_becomes_champion() -> None:
    verdict = verdict_on(model(), model(noise=0.6))
    assert verdict.role == "champion"
    assert verdict.differences["auc"].low > 0
    assert "Better than the champion beyond noise in AUC" in verdict.report()


def test_the_same_model_is_a_challenger() -> None:
    verdict = verdict_on(model(), model())
    assert verdict.role == "challenger"
    assert all(found.value == found.low == found.high == 0 for found in verdict.differences.values())
    assert verdict.report().count("| within noise |") == 3


def test_a_model_as_good_is_a_challenger() -> None:
    verdict = verdict_on(model(noise=0.3, of=0), model(noise=0.3, of=1))
    assert verdict.role == "challenger"
    assert "within noise" in verdict.reason


def test_a_model_that_ranks_worse_is_refused() -> None:
    verdict = verdict_on(model(noise=1.5), model())
    assert verdict.role is None
    assert "AUC not clearly worse" in failed(verdict)
    assert verdict.report().startswith("# Promotion: refused\n")


def test_a_model_that_decides_worse_is_refused() -> None:
    verdict = verdict_on(replace(model(), threshold=0.9), model())
    assert failed(verdict) == ["business score not clearly worse"]
    assert verdict.role is None


def test_a_better_ranking_does_not_make_up_for_wrong_probabilities() -> None:
    candidate, champion = model(shift=0.4), model(noise=0.6)
    verdict = verdict_on(candidate, champion)
    assert verdict.differences["auc"].low > 0
    assert failed(verdict) == ["calibration"]
    assert verdict.role is None
    assert verdict_on(candidate, champion, limits=Limits(calibration=0.5)).role == "champion"


def test_a_model_that_cannot_decide_is_refused_with_its_error() -> None:
    verdict = verdict_on(model(golden="no probability |\nfor some rows"), model(noise=0.6))
    assert verdict.role is None
    assert failed(verdict) == ["golden applications", "latency"]
    assert "| golden applications | FAILED | no probability \\| for some rows |" in verdict.report()
    assert "gate_seconds_per_row" not in verdict.metrics()


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    broken = model()
    broken.probabilities[17] = wrong
    verdict = verdict_on(broken, model())
    assert (verdict.role, failed(verdict)) == (None, ["probabilities"])
    assert verdict.metrics()["gate_checks_failed"] == 1
    assert "FAILED" in verdict.report()


@pytest.mark.parametrize("champion", [None, model(noise=0.6)])
def test_a_slow_model_is_refused(champion: Judged | None) -> None:
    verdict = verdict_on(model(golden=0.0011), champion)
    assert (verdict.role, failed(verdict)) == (None, ["latency"])
    assert "1,100 microseconds a row, at most 1,000" in verdict.report()


def test_the_first_champion_must_beat_chance() -> None:
    assert verdict_on(model(noise=0.6), None).role == "champion"
    guessing = Judged(np.random.default_rng(0).random(ROWS), threshold=0.5, golden=2e-5)
    verdict = verdict_on(guessing, None)
    assert (verdict.role, failed(verdict)) == (None, ["better than chance"])
    assert "gate_auc_accept_everybody" in verdict.metrics()


def first_defaulters(number: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows are left when only so many of the defaulters are."""
    return ~DEFAULTED | (np.cumsum(DEFAULTED) <= number)


def on_rows(judged: Judged, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Judged:
    return replace(judged, probabilities=judged.probabilities[rows])


@pytest.mark.parametrize(("number", "role"), [(LEAST_OF_EACH - 1, "challenger"), (LEAST_OF_EACH, "champion")])
def test_few_defaulters_do_not_tell_who_is_better(number: int, role: str) -> None:
    rows = first_defaulters(number)
    candidate, champion = (on_rows(each, rows) for each in (model(), model(noise=3)))
    verdict = judge_candidate(DEFAULTED[rows], candidate, champion, costs=COSTS, rounds=200)
    assert verdict.differences["auc"].low > 0
    assert verdict.role == role
    told = f"{number} of the rows set apart are of the rarer kind of TARGET, and {LEAST_OF_EACH} are needed"
    assert (told in verdict.reason) is (role == "challenger")


def test_a_first_champion_may_be_chosen_by_few_defaulters() -> None:
    rows = first_defaulters(20)
    verdict = judge_candidate(DEFAULTED[rows], on_rows(model(), rows), None, costs=COSTS, rounds=200)
    assert verdict.role == "champion"


def test_the_same_rows_make_the_same_verdict() -> None:
    candidate, champion = model(noise=0.3, of=0), model(noise=0.3, of=1)
    assert verdict_on(candidate, champion) == verdict_on(candidate, champion)


def test_an_interval_lies_around_the_difference_on_the_rows() -> None:
    # Draws repeat rows, which adds to the calibration error of both, and to the smaller one more.
    close, far = model(noise=0.3), model(noise=0.3, of=1)
    far = replace(far, probabilities=np.clip(far.probabilities * 1.3, 0, 1))
    found = verdict_on(far, close).differences["expected_calibration_error"]
    assert found.value > 0.02
    assert found.low < found.value < found.high
    assert found.value - found.low == pytest.approx(found.high - found.value, rel=0.5)


def test_every_figure_is_told_and_is_what_the_metrics_say() -> None:
    # Few different probabilities, so that defaulters and good clients tie.
    candidate = replace(model(noise=0.3), probabilities=np.round(model(noise=0.3).probabilities, 2))
    champion = model(noise=0.6, of=1)
    verdict = verdict_on(candidate, champion)
    metrics, report = verdict.metrics(), verdict.report()
    for role, judged in (("candidate", candidate), ("champion", champion)):
        told = quality(DEFAULTED, judged.probabilities, judged.threshold, COSTS)
        for metric in ("auc", "business_score", "expected_calibration_error"):
            assert metrics[f"gate_{metric}_{role}"] == pytest.approx(told[metric])
            assert f"| {told[metric]:.4f} |" in report
    for metric, found in verdict.differences.items():
        assert found.low < found.value < found.high
        assert metrics[f"gate_{metric}_difference"] == found.value
        for figure in (found.value, found.low, found.high):
            assert f"{figure:+.4f}" in report
    assert metrics["gate_seconds_per_row"] == 2e-5
    assert metrics["gate_auc_candidate"] == pytest.approx(roc_auc_score(DEFAULTED, candidate.probabilities))


def test_other_rows_are_no_comparison() -> None:
    short = replace(model(), probabilities=model().probabilities[1:])
    with pytest.raises(ValueError, match="must be of the rows"):
        verdict_on(model(), short)
