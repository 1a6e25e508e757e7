"""The strongest reasons for each decision."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import Outcome, Reason
from services.scorecard.policy import Policy
from services.scorecard.reasons import Reasons

MOST_REASONS: Final = 4
_DECIMALS: Final = 6
"""Of a contribution: all that float32 is sure of, and half the bytes of an event."""

_SIGN: Final = MappingProxyType({"refused": 1, "approved": -1, "review": 0})
"""Which contributions are reasons: positive ones, negative ones, both."""


class ReasonWriter:
    """Writes out the reasons of a batch of decisions, in English."""

    def __init__(self, reasons: Reasons, policy: Policy) -> None:
        self._codes = [group.code for group in reasons.groups]
        self._for = [group.text(against=False) for group in reasons.groups]
        self._against = [group.text(against=True) for group in reasons.groups]
        rules = [Reason(code=rule.code, text=rule.text_en, contribution=0) for rule in policy.rules]
        self._by_rule: list[tuple[Reason, ...]] = [*((rule,) for rule in rules), ()]

    def strongest(
        self,
        outcomes: Sequence[Outcome],
        rules: NDArray[np.intp],
        contributions: NDArray[np.float64],
    ) -> tuple[tuple[Reason, ...], ...]:
        """Return up to four reasons per row.

        `rules` is the policy rule of each row, or the number of rules; its text comes first. Then come the
        groups of `contributions`, shape (rows, groups), log-odds of default: for a refusal those that
        spoke against, for an approval those that spoke for, for a review both.
        """
        strength = _strength(outcomes, contributions)
        places = np.argsort(-strength, axis=1, kind="stable")[:, :MOST_REASONS]
        spoke = (np.take_along_axis(strength, places, axis=1) > 0).sum(axis=1)
        sizes = np.take_along_axis(contributions, places, axis=1).round(_DECIMALS)
        every = [
            Reason(
                code=self._codes[place],
                text=self._against[place] if size > 0 else self._for[place],
                contribution=size,
            )
            for place, size in zip(places.ravel().tolist(), sizes.ravel().tolist(), strict=True)
        ]
        starts = range(0, len(every), max(places.shape[1], 1))
        return tuple(
            (*self._by_rule[rule], *every[start : start + number])[:MOST_REASONS]
            for rule, start, number in zip(rules.tolist(), starts, spoke.tolist(), strict=True)
        )


def _strength(outcomes: Sequence[Outcome], contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    sign = np.array([_SIGN[outcome] for outcome in outcomes])[:, None]
    return np.where(sign, sign * contributions, np.abs(contributions))
