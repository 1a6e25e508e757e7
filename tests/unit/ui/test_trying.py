from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.ui.answers import Cells, Decision
from services.ui.loan_terms import Loan, cells_with, instalment, loan_of, range_of
from services.ui.trying import try_out
from services.ui.variants import bracket, crossing, offered, outcome_runs, paid_back
from tests.unit.ui.decisions import decided

CELLS: Cells = {
    "AMT_CREDIT": 400_000.0,
    "AMT_ANNUITY": 20_000.0,
    "AMT_INCOME_TOTAL": 150_000.0,
    "AMT_GOODS_PRICE": 360_000.0,
}


@dataclass
class Engine:
    """Refuses where the amount is too many times the income; has no wish to decide on tiny amounts."""

    requests: list[int] = field(default_factory=list)

    def dry_run(self, variants: Sequence[Cells]) -> list[Decision | None]:
        self.requests.append(len(variants))
        return [decided(each["AMT_CREDIT"] / each["AMT_INCOME_TOTAL"] / 40) for each in variants]


def test_the_loan_is_read_from_the_application_with_its_interest() -> None:
    loan = loan_of(CELLS)
    assert loan.term == pytest.approx(30)
    assert instalment(400_000, 30, loan.rate) == pytest.approx(20_000)


def test_amount_and_term_move_the_instalment_and_the_instalment_moves_the_term() -> None:
    loan = loan_of(CELLS)
    assert loan.moved("amount", 200_000).annuity == pytest.approx(10_000)
    assert loan.moved("amount", 200_000).term == pytest.approx(30)
    longer = loan.moved("term", 36)
    assert longer.annuity is not None
    assert longer.annuity < 20_000
    assert longer.term == pytest.approx(36)
    assert loan.moved("annuity", longer.annuity).term == pytest.approx(36)
    assert loan.moved("income", 1.0) == Loan(400_000, 1.0, 20_000, loan.rate)


def test_an_instalment_below_the_interest_never_pays_back() -> None:
    loan = loan_of(CELLS)
    assert loan.moved("annuity", 100).term is None
    assert paid_back("annuity", loan, (100.0, 20_000.0)) == (20_000.0,)


def test_a_loan_without_an_instalment_has_no_term() -> None:
    loan = loan_of({"AMT_CREDIT": 1000, "AMT_INCOME_TOTAL": 1000})
    assert (loan.annuity, loan.term) == (None, None)
    assert range_of("term", loan) is None
    assert "AMT_ANNUITY" not in cells_with({"AMT_CREDIT": 1000}, loan.moved("amount", 2000))


def test_the_price_of_the_goods_follows_the_amount() -> None:
    changed = cells_with(CELLS, loan_of(CELLS).moved("amount", 200_000))
    assert (changed["AMT_CREDIT"], changed["AMT_GOODS_PRICE"]) == (200_000, 180_000)
    assert CELLS["AMT_CREDIT"] == 400_000


def test_the_smallest_change_comes_first_the_income_last_and_two_requests_are_enough() -> None:
    engine, loan = Engine(), loan_of(CELLS)
    tried = try_out(engine, CELLS, loan, loan)
    assert tried is not None
    assert tried.now.outcome == "approved"
    assert [turn.quantity for turn in tried.turns] == ["amount", "income"]
    amount, income = tried.turns
    assert income.new == 100_000
    assert amount.new == 600_000
    assert not income.approved
    assert len(engine.requests) == 2
    assert max(engine.requests) <= 200
    (crossed,) = crossing(tried.curve)
    assert crossed == pytest.approx(600_000, rel=0.01)


def test_a_refusal_is_turned_downwards() -> None:
    engine, loan = Engine(), loan_of(CELLS)
    tried = try_out(engine, CELLS, loan, loan.moved("amount", 800_000))
    assert tried is not None
    turns = {turn.quantity: turn for turn in tried.turns}
    assert turns["amount"].approved
    assert turns["amount"].new == 598_000


def test_what_is_offered_is_round_and_not_too_much() -> None:
    assert offered(20_040, 19_760, 100, 24) == (19_700, 19_800, 19_900, 20_000, 20_100)
    assert 20_000 not in offered(20_000, 21_000, 100, 24)
    many = offered(100_000, 999_000, 1_000, 24)
    assert len(many) <= 24
    assert {value % 50_000 for value in many} == {0}


def test_a_run_of_amounts_ends_where_the_outcome_or_its_rule_is_another() -> None:
    ruled = decided(rule="ANNUITY_OVER_INCOME", outcome="refused")
    tried = [(1.0, decided()), (2.0, decided()), (3.0, decided(0.2)), (4.0, ruled), (5.0, ruled)]
    runs = [(begin, end, each.outcome, each.policy_rule) for begin, end, each in outcome_runs(tried)]
    assert runs == [
        (1.0, 2.5, "approved", None),
        (2.5, 3.5, "refused", None),
        (3.5, 5.0, "refused", "ANNUITY_OVER_INCOME"),
    ]
    assert outcome_runs([]) == []


def test_where_nothing_turns_nothing_is_told() -> None:
    assert bracket([(1.0, decided()), (2.0, decided())], 1.0, approved=True) is None
    assert crossing([(1.0, decided()), (2.0, decided())]) == ()
