"""Reasons in the reader's language: decisions carry codes and English texts."""

from functools import cache

from services.scorecard.policy import Policy, load_policy
from services.scorecard.reasons import Reasons, load_reasons
from services.ui.answers import Reason
from services.ui.words import Language


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
            missing = group.missing_en is not None and reason.text == group.missing_en
            return group.text(against=reason.contribution > 0, missing=missing, language=language)
    return reason.text


def short(code: str, words_of_code: dict[str, str]) -> str:
    """Return what a reason is about in a word or two."""
    return words_of_code.get(code, code.replace("_", " ").capitalize())
