"""Decisions for the tests of the pages' pure parts."""

from services.contracts.events import Outcome
from services.ui.answers import Decision, Model, Reason

MODEL = Model(name="octroi-scorecard", version="3", role="champion")


def decided(
    probability: float = 0.05,
    *,
    outcome: Outcome | None = None,
    rule: str | None = None,
    threshold: float = 0.1,
) -> Decision:
    against = probability >= threshold
    return Decision(
        outcome=outcome or ("refused" if against else "approved"),
        probability_of_default=probability,
        score=640,
        threshold=threshold,
        reasons=(
            Reason(code="AGE", text="The applicant's age raises the risk", contribution=0.4),
            Reason(code="GOODS_PRICE", text="The price of the goods is not stated", contribution=0.1),
        ),
        policy_rule=rule,
        model=MODEL,
    )
