"""Tallies of decisions: what is counted where, and that tallies add up."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.events import LOWEST_SCORE, ApplicationDecided
from services.monitoring.decision_tally import AGE_EDGES, PROBABILITY_EDGES, DecisionLayout
from services.scorecard.bundle import Costs
from tests.unit.monitoring.population import decided, opinion

LAYOUT = DecisionLayout(("EXTERNAL_SCORES", "TOO_YOUNG"), Costs(false_negative=10, false_positive=1))


def part(decisions: Sequence[ApplicationDecided], name: str) -> list[float]:
    return [float(number) for number in LAYOUT.part(LAYOUT.count(decisions), name)]


def reasons(*codes: str) -> list[dict[str, object]]:
    return [{"code": code, "text": "A reason", "contribution": 0.1} for code in codes]


DECISIONS = st.builds(
    decided,
    probability=st.floats(0, 1),
    outcome=st.sampled_from(["approved", "refused", "review"]),
    score=st.integers(300, 850),
    reasons=st.sampled_from([(), reasons("EXTERNAL_SCORES"), reasons("NEW", "TOO_YOUNG")]),
    shadow=st.one_of(st.none(), st.sampled_from([opinion("approved"), opinion("refused")])),
)


@given(decisions=st.lists(DECISIONS, max_size=20), cut=st.integers(0, 20))
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(
    decisions: list[ApplicationDecided], cut: int
) -> None:
    parts = LAYOUT.count(decisions[:cut]) + LAYOUT.count(decisions[cut:])
    assert parts == pytest.approx(LAYOUT.count(decisions))
    assert len(parts) == len(LAYOUT.empty())


@given(decisions=st.lists(DECISIONS, max_size=20))
def test_each_decision_has_one_outcome_score_probability_and_age(decisions: list[ApplicationDecided]) -> None:
    for name in ("outcomes", "scores", "probabilities", "ages"):
        assert sum(part(decisions, name)) == len(decisions)
    expected = sum(each.probability_of_default for each in decisions)
    assert sum(part(decisions, "probability_sums")) == pytest.approx(expected)
    assert sum(part(decisions, "probability_sums_by_bin")) == pytest.approx(expected)


def test_outcomes_have_their_counts_and_sums_of_probabilities() -> None:
    decisions = [decided(0.1), decided(0.2), decided(0.7, "refused"), decided(0.3, "review")]
    assert part(decisions, "outcomes") == [2, 1, 1]
    assert part(decisions, "probability_sums") == pytest.approx([0.3, 0.7, 0.3])


@pytest.mark.parametrize("score", [300, 641, 850])
def test_a_score_is_counted_at_its_points(score: int) -> None:
    scores = part([decided(score=score)], "scores")
    assert [LOWEST_SCORE + place for place, count in enumerate(scores) if count] == [score]


@pytest.mark.parametrize("probability", [0.0, 0.0005, 0.08, 0.9999, 1.0])
def test_a_probability_is_counted_between_its_edges(probability: float) -> None:
    [place] = np.flatnonzero(part([decided(probability)], "probabilities"))
    edges = [-np.inf, *PROBABILITY_EDGES, np.inf]
    assert edges[place] <= probability < edges[place + 1]


def test_only_the_first_reason_is_counted_and_codes_that_are_not_known_are_one() -> None:
    given_reasons = [reasons("TOO_YOUNG", "EXTERNAL_SCORES"), reasons("NEW"), reasons("OLD"), []]
    assert part([decided(reasons=each) for each in given_reasons], "reasons") == [0, 1, 2]


def test_the_age_is_the_time_from_handing_in_to_decision() -> None:
    decision = decided(submitted_at="2026-03-31T09:30:00Z", decided_at="2026-03-31T09:30:02Z")
    [place] = np.flatnonzero(part([decision], "ages"))
    assert AGE_EDGES[place - 1] < 2 <= AGE_EDGES[place]


def test_a_clock_that_runs_behind_makes_an_age_of_the_first_bin() -> None:
    decision = decided(submitted_at="2026-03-31T09:30:03Z", decided_at="2026-03-31T09:30:02Z")
    assert part([decision], "ages")[0] == 1


def test_opinions_of_the_challenger_are_crossed_with_the_decisions_and_priced() -> None:
    decisions = [
        decided(0.1, "approved", shadow=opinion("approved")),
        decided(0.2, "approved", shadow=opinion("refused")),
        decided(0.4, "refused", shadow=opinion("approved")),
        decided(0.8, "refused", shadow=opinion("refused")),
        decided(0.9, "refused", shadow=None),
    ]
    rows, both, ours, theirs, our_cost, their_cost = part(decisions, "shadow")
    assert (rows, both, ours, theirs) == (4, 1, 1, 1)
    # By the champion's probabilities: ten for a defaulter approved, one for a good client refused.
    assert our_cost == pytest.approx(10 * 0.1 + 10 * 0.2 + 0.6 + 0.2)
    assert their_cost == pytest.approx(10 * 0.1 + 0.8 + 10 * 0.4 + 0.2)
