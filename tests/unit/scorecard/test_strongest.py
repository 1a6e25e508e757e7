import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.contracts.events import Outcome, Reason
from services.scorecard.policy import Policy
from services.scorecard.reasons import Reasons
from services.scorecard.strongest import MOST_REASONS, ReasonWriter

CODES = ("A", "B", "C", "D", "E", "F")
REASONS = Reasons.model_validate(
    {
        "version": "1",
        "groups": [
            {
                "code": code,
                "features": [code],
                "against_en": f"{code} against",
                "for_en": f"{code} for",
                "against_fr": f"{code} contre",
                "for_fr": f"{code} pour",
                **({"missing_en": f"no {code}", "missing_fr": f"sans {code}"} if code != "C" else {}),
            }
            for code in CODES
        ],
    }
)
POLICY = Policy.model_validate(
    {
        "version": "1",
        "rules": [
            {
                "code": "RULE",
                "feature": "A",
                "comparison": ">",
                "value": 1,
                "outcome": "refused",
                "text_en": "the rule",
                "text_fr": "la règle",
            }
        ],
    }
)
GROUPS = np.array([5, 0, 1, 2, 3, 4, 0])
"""Of the columns of a matrix: the first group has two, and the last stands first."""
NO_RULE = len(POLICY.rules)
CONTRIBUTIONS = [0.5, -0.4, 0.3, -0.2, 0.1, 0.0]


EVERY_GROUP = np.ones(len(CODES), dtype=np.bool_)


def strongest(
    outcome: Outcome,
    contributions: list[float],
    rule: int = NO_RULE,
    missing: tuple[int, ...] = (),
    sees_stated: NDArray[np.bool_] = EVERY_GROUP,
) -> tuple[Reason, ...]:
    writer = ReasonWriter(REASONS, POLICY, GROUPS, sees_stated)
    matrix = np.zeros((1, len(GROUPS)), dtype=np.float32)
    matrix[0, list(missing)] = np.nan
    [reasons] = writer.strongest([outcome], np.array([rule]), np.array([contributions]), matrix)
    return reasons


def texts(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.text for reason in reasons]


def test_a_refusal_gives_only_what_spoke_against() -> None:
    assert texts(strongest("refused", CONTRIBUTIONS)) == ["A against", "C against", "E against"]


def test_an_approval_gives_only_what_spoke_for() -> None:
    assert texts(strongest("approved", CONTRIBUTIONS)) == ["B for", "D for"]


def test_a_group_without_any_value_says_so_where_it_has_words_for_that() -> None:
    assert texts(strongest("refused", CONTRIBUTIONS, missing=(1,))) == ["A against", "C against", "E against"]
    assert texts(strongest("refused", CONTRIBUTIONS, missing=(1, 6))) == ["no A", "C against", "E against"]
    assert texts(strongest("refused", CONTRIBUTIONS, missing=(3, 5))) == ["A against", "C against", "no E"]
    assert texts(strongest("approved", CONTRIBUTIONS, missing=(2,))) == ["no B", "D for"]


def test_a_group_of_which_the_model_sees_a_part_is_not_said_to_be_missing() -> None:
    seen = np.array([code != "E" for code in CODES])
    reasons = strongest("refused", CONTRIBUTIONS, missing=(1, 5, 6), sees_stated=seen)
    assert texts(reasons) == ["no A", "C against", "E against"]


def test_a_review_gives_both() -> None:
    assert texts(strongest("review", CONTRIBUTIONS)) == ["A against", "B for", "C against", "D for"]


def test_the_policy_rule_comes_first_and_counts() -> None:
    reasons = strongest("refused", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], rule=0)
    assert texts(reasons) == ["the rule", "F against", "E against", "D against"]
    assert (reasons[0].code, reasons[0].contribution) == ("RULE", 0)


def test_contributions_are_given_with_their_sign() -> None:
    assert [reason.contribution for reason in strongest("approved", CONTRIBUTIONS)] == [-0.4, -0.2]


def test_equal_contributions_keep_the_order_of_the_groups() -> None:
    assert [reason.code for reason in strongest("refused", [0.1] * len(CODES))] == ["A", "B", "C", "D"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["approved", "refused", "review"]),
            st.integers(0, NO_RULE),
            st.lists(st.floats(-3, 3), min_size=len(CODES), max_size=len(CODES)),
        ),
        max_size=6,
    )
)
def test_rows_do_not_mix(rows: list[tuple[Outcome, int, list[float]]]) -> None:
    outcomes = [outcome for outcome, _, _ in rows]
    rules = np.array([rule for _, rule, _ in rows], dtype=np.intp)
    contributions = np.array([row for _, _, row in rows]).reshape(len(rows), len(CODES))
    batch = ReasonWriter(REASONS, POLICY, GROUPS, EVERY_GROUP).strongest(
        outcomes, rules, contributions, np.zeros((len(outcomes), len(GROUPS)), dtype=np.float32)
    )
    assert batch == tuple(strongest(outcome, row, rule) for outcome, rule, row in rows)
    assert all(len(reasons) <= MOST_REASONS for reasons in batch)
