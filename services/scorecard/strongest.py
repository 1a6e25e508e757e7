"""The strongest reasons for each decision."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import Outcome, Reason
from services.contracts.wire import wire_form
from services.scorecard.catalogue import Matrix
from services.scorecard.policy import Policy
from services.scorecard.reasons import Reasons

MOST_REASONS: Final = 4
_DECIMALS: Final = 6
"""Of a contribution: all that float32 is sure of, and half the bytes of an event."""

_SIGN: Final = MappingProxyType({"refused": 1, "approved": -1, "review": 0})
"""Which contributions are reasons: positive ones, negative ones, both."""


class ReasonWriter:
    """Writes out the reasons of a batch of decisions, in English."""

    def __init__(
        self, reasons: Reasons, policy: Policy, groups: NDArray[np.intp], sees_stated: NDArray[np.bool_]
    ) -> None:
        """Take the texts, and the group of each column of the matrices to come, shape (features,).

        `sees_stated` tells the groups, shape (groups,), of which these columns have a value as soon as
        something is stated: only of them it may be said that nothing is.
        """
        self._codes = [group.code for group in reasons.groups]
        self._texts = [
            [
                [group.text(against=against, missing=missing and sees) for against in (False, True)]
                for missing in (False, True)
            ]
            for group, sees in zip(reasons.groups, sees_stated.tolist(), strict=True)
        ]
        self._columns = np.argsort(groups, kind="stable")
        self._groups, self._starts = np.unique(groups[self._columns], return_index=True)
        self._reason = wire_form(Reason)
        rules = [self._reason(code=rule.code, text=rule.text_en, contribution=0) for rule in policy.rules]
        self._by_rule: list[tuple[Reason, ...]] = [*((rule,) for rule in rules), ()]

    def strongest(
        self,
        outcomes: Sequence[Outcome],
        rules: NDArray[np.intp],
        contributions: NDArray[np.float64],
        matrix: Matrix,
    ) -> tuple[tuple[Reason, ...], ...]:
        """Return up to four reasons per row.

        `rules` is the policy rule of each row, or the number of rules; its text comes first. Then come the
        groups of `contributions`, shape (rows, groups), log-odds of default: for a refusal those that
        spoke against, for an approval those that spoke for, for a review both. `matrix` holds the values that
        they contributed by, shape (rows, features): where a group has none, its text says so if it may.
        """
        strength = _strength(outcomes, contributions)
        places = np.argsort(-strength, axis=1, kind="stable")[:, :MOST_REASONS]
        spoke = (np.take_along_axis(strength, places, axis=1) > 0).sum(axis=1)
        sizes = np.take_along_axis(contributions, places, axis=1).round(_DECIMALS)
        missing = np.take_along_axis(self._missing(matrix), places, axis=1)
        told = zip(places.ravel().tolist(), missing.ravel().tolist(), sizes.ravel().tolist(), strict=True)
        every = [
            self._reason(
                code=self._codes[place],
                text=self._texts[place][absent][size > 0],
                contribution=size,
            )
            for place, absent, size in told
        ]
        starts = range(0, len(every), max(places.shape[1], 1))
        return tuple(
            (*self._by_rule[rule], *every[start : start + number])[:MOST_REASONS]
            for rule, start, number in zip(rules.tolist(), starts, spoke.tolist(), strict=True)
        )

    def _missing(self, matrix: Matrix) -> NDArray[np.bool_]:
        """Whether a group has no value in a row, shape (rows, groups)."""
        missing = np.zeros((len(matrix), len(self._codes)), dtype=np.bool_)
        absent = np.isnan(matrix)[:, self._columns]
        missing[:, self._groups] = np.logical_and.reduceat(absent, self._starts, axis=1)
        return missing


def _strength(outcomes: Sequence[Outcome], contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    sign = np.array([_SIGN[outcome] for outcome in outcomes])[:, None]
    return np.where(sign, sign * contributions, np.abs(contributions))
