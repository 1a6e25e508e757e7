"""Reasons in the reader's language: decisions carry codes and English texts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from services.scorecard.policy import Policy, load_policy
from services.scorecard.reasons import Reasons, load_reasons
from services.ui.answers import Decision, Reason
from services.ui.words import Language, Words


@cache
def _reasons() -> Reasons:
    return load_reasons()


@cache
def _policy() -> Policy:
    return load_policy()


def told(reason: Reason, language: Language) -> str:
    """Return a reason in plain words; its own text where this release does not know its code."""
    if language == "en":
        return reason.text
    for rule in _policy().rules:
        if rule.code == reason.code:
            return rule.text_fr
    for group in _reasons().groups:
        if group.code == reason.code:
            against, missing = reason.contribution > 0, _is_missing(reason)
            return group.text(against=against, missing=missing, language=language)
    return reason.text


def told_to_client(reason: Reason, words: Words) -> str:
    """Return a reason as the notice tells it to the client; as to a lender where it has no such words."""
    phrase = words.tree["client"].get(reason.code)
    if phrase is None:
        return told(reason, words.language)
    return words("notice.not_stated", reason=phrase) if _is_missing(reason) else str(phrase)


def _is_missing(reason: Reason) -> bool:
    # Earlier releases said the beginning of today's texts.
    return any(
        group.code == reason.code and (group.missing_en or "").startswith(reason.text)
        for group in _reasons().groups
    )


def by_group(shares: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    """Return the share of each group of features that are one reason, by its code, the highest first.

    A feature of no group of this release stands for itself.
    """
    summed: dict[str, float] = defaultdict(float)
    for one in shares:
        codes = [group.code for group in _reasons().groups if group.has(one["feature"])]
        summed[codes[0] if codes else one["feature"]] += one["share"]
    return sorted(summed.items(), key=lambda pair: -pair[1])


def rule_told(decision: Decision, language: Language) -> str | None:
    """Return what the rule that decided says, to stand within a sentence; None where none decided."""
    if decision.policy_rule is None:
        return None
    for reason in decision.reasons:
        if reason.code == decision.policy_rule:
            return within(told(reason, language))
    return decision.policy_rule


def within(sentence: str) -> str:
    """Return a sentence as it stands behind a colon."""
    return sentence[:1].lower() + sentence[1:]
