"""The lender's rule that an application would meet, told before it is handed in."""

from functools import cache

from services.scorecard.policy import Policy, PolicyRule, load_policy
from services.ui.answers import Cells
from services.ui.peers import features_of


@cache
def _policy() -> Policy:
    return load_policy()


def rule_ahead(cells: Cells) -> PolicyRule | None:
    """Return the rule that would decide, None where none would or the application is not complete yet."""
    found, policy = features_of(cells), _policy()
    if found is None:
        return None
    names, row = found
    first = int(policy.first_rules(row, policy.columns_in(names))[0])
    return policy.rules[first] if first < len(policy.rules) else None
