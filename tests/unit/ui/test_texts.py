import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, get_args

import pytest

from services.monitoring.alert_metrics import Known
from services.monitoring.alert_rule_file import load_rules
from services.scorecard.words import KNOWN_WORDS
from services.ui.alerts_told import alert_told
from services.ui.fields import BUILDING, KINDS, Kind, every_field, groups
from services.ui.launching import APPLICATION
from services.ui.locale_forms import forms_of
from services.ui.words import Language, language_of, words_of

LANGUAGES: tuple[Language, ...] = ("en", "fr")


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}|")
        else:
            yield f"{path}{key}", value


def test_both_languages_have_the_same_keys_with_the_same_gaps() -> None:
    english, french = (dict(leaves(words_of(language).tree)) for language in LANGUAGES)
    assert english.keys() == french.keys()
    gaps = [
        {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in texts.items()}
        for texts in (english, french)
    ]
    assert gaps[0] == gaps[1]


def test_every_sentence_that_a_module_names_is_there() -> None:
    known = {key.replace("|", ".") for key, _ in leaves(words_of("en").tree)}
    named = {
        key
        for module in APPLICATION.parent.glob("*.py")
        for key in re.findall(r'\bwords\(\s*"([a-z_.]+)"', module.read_text())
    }
    assert len(named) > 50
    assert named <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_group_and_word_of_the_form_has_a_plain_name(language: Language) -> None:
    words = words_of(language)
    for field in every_field():
        assert words.field(field.column) != field.column
        column = field.column if field.kind == "choice" else field.kind
        for option in field.options:
            assert option in words.tree["word"][column]
    for group in groups():
        assert words(f"group.{group.name}")


def test_the_form_has_every_cell_of_the_contract_once() -> None:
    columns = [field.column for field in every_field()]
    assert len(columns) == len(set(columns))
    assert {field.kind for field in every_field()} <= set(get_args(Kind)) == KINDS.keys()
    assert sum(len(group.fields) for group in groups() if group.name == BUILDING) == 47
    assert set(KNOWN_WORDS) - {"FLAG_OWN_CAR", "FLAG_OWN_REALTY", "EMERGENCYSTATE_MODE"} == {
        field.column for field in every_field() if field.kind == "choice"
    }


@pytest.mark.parametrize(
    ("asked", "browser", "language"),
    [
        ("en", "fr-FR", "en"),
        ("fr", "en-US", "fr"),
        (None, "fr-CA", "fr"),
        (None, "en-GB", "en"),
        (None, "de-DE", "en"),
        ("xx", "fr", "fr"),
        (None, None, "fr"),
    ],
)
def test_the_language_is_that_of_the_address_else_of_the_browser(
    asked: str | None, browser: str | None, language: str
) -> None:
    assert language_of(asked, browser) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_rule_that_is_shipped_is_told_in_plain_words(language: Language) -> None:
    rules = load_rules(None, Known(windows=("last-5000", "1h", "24h", "7d"), drifted_from=0.1)).rules
    told = {
        rule.name: alert_told(
            {"rule": rule.name, "subject": "AMT_CREDIT", "value": 0.1234, "summary": "its own"},
            words_of(language),
            forms_of(language),
        )
        for rule in rules
    }
    assert "its own" not in told.values()
    assert (
        told["feature-drift"]
        == {
            "en": 'The distribution of "Amount of the loan" has changed: distance 0.123',
            "fr": "La répartition de « Montant du prêt » a changé : distance 0,123",
        }[language]
    )
    own = {"rule": "mine", "subject": "", "value": 1.0, "summary": "its own"}
    assert alert_told(own, words_of(language), forms_of(language)) == "its own"
