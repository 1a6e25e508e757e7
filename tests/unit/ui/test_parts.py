import csv
import re
from datetime import UTC, datetime, timedelta
from html import escape
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from services.scorecard.policy import load_policy
from services.scorecard.reasons import load_reasons
from services.ui.alerts_drawn import by_rule
from services.ui.answers import Application, Batch, Page, Reason, Summary
from services.ui.batch_progress import progress
from services.ui.card_text import sections_of
from services.ui.drawn import Comparison, gauge_end, strips, waterfall
from services.ui.listing import MOST_EXPORTED, cursor_of, export
from services.ui.locale_forms import forms_of
from services.ui.notice import notice
from services.ui.peers import values_of
from services.ui.reader import Reader
from services.ui.reasons_told import by_group, told
from services.ui.threshold import figure_at, thresholds_up_to
from services.ui.waterfall import steps
from services.ui.words import LANGUAGES, Language, words_of
from tests.unit.ui.decisions import decided

AT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


def reader() -> Reader:
    return Reader(words_of("en"), forms_of("en"), ZoneInfo("UTC"))


def batch(**told: object) -> Batch:
    return Batch.model_validate({"batch_id": "b-1", "state": "running", "created_at": AT, **told})


def test_progress_tells_rate_and_time_left() -> None:
    found = progress(batch(rows=1010, invalid=10, decided=250), AT + timedelta(seconds=5))
    assert (found.share, found.rate, found.left) == (0.25, 50.0, timedelta(seconds=15))
    assert progress(batch(rows=10), AT).left is None
    assert progress(batch(rows=0), AT).share == 1.0


def test_a_cancelled_batch_tells_how_much_of_the_file_was_decided() -> None:
    finished = batch(
        state="cancelled", rows=100, handed_in=40, decided=40, finished_at=AT + timedelta(seconds=2)
    )
    found = progress(finished, AT + timedelta(hours=1))
    assert (found.share, found.took, found.left) == (0.4, timedelta(seconds=2), None)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_notice_tells_reasons_and_rights_and_no_number(language: Language) -> None:
    application = Application(
        application_id="<web>-1", state="decided", submitted_at=AT, application={"AMT_CREDIT": 512_000}
    )
    contact = "1 rue de la Banque; <75002> Paris"
    page = notice(application, decided(0.2), language, currency="€", contact=contact)
    assert f'<html lang="{language}">' in page
    assert "&lt;web&gt;-1" in page
    assert "$" not in page
    assert "0.2" not in page
    assert "640" not in page
    assert "1 rue de la Banque<br>&lt;75002&gt; Paris" in page
    assert ("Montant demandé : 512\u202f000\u00a0€" if language == "fr" else "for: 512,000\u00a0€") in page
    assert ("<li>votre âge</li>" if language == "fr" else "<li>your age</li>") in page
    assert ("du bien (non indiqué, ou" if language == "fr" else "of the goods (not stated, or") in page
    assert ("qu'une personne" if language == "fr" else "that a person").replace("'", "&#x27;") in page


def test_a_notice_names_the_rule_alone_and_leaves_room_for_the_lender() -> None:
    application = Application(application_id="a-1", state="decided", submitted_at=AT)
    rule = Reason(code="UNDER_AGE", text="The applicant is under 18", contribution=0)
    ruled = decided(0.2, rule="UNDER_AGE").model_copy(update={"reasons": (rule, *decided().reasons)})
    page = notice(application, ruled, "fr")
    assert page.count("<li>") == 1
    assert "<li>vous avez moins de 18 ans</li>" in page
    assert "Coordonnées du prêteur" in page
    assert "Montant" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_rule_is_told_to_the_client(language: Language) -> None:
    groups = {group.code for group in load_reasons().groups}
    rules = {rule.code for rule in load_policy().rules}
    assert groups | rules == set(words_of(language).tree["client"])
    assert groups == set(words_of(language).tree["subject"])


def test_reasons_are_told_in_french_and_say_what_is_missing() -> None:
    against, missing = decided().reasons
    assert told(against, "fr") == "L'âge du demandeur accroît le risque"
    assert told(missing, "fr") == "Le prix des biens n'est pas indiqué"
    assert told(missing, "en") == missing.text
    education = {"code": "EDUCATION", "text": "The level of education is not stated"}
    earlier = told(missing.model_copy(update=education), "fr")
    assert earlier == "Le niveau d'études n'est pas indiqué, ou n'est pas connu du modèle"
    rule = against.model_copy(update={"code": "UNDER_AGE"})
    assert told(rule, "fr") == "Le demandeur a moins de 18 ans"
    unknown = against.model_copy(update={"code": "NEW"})
    assert told(unknown, "fr") == unknown.text


def summary(number: int) -> Summary:
    return Summary(
        application_id=f"a-{number}", state="decided", submitted_at=AT, probability_of_default=number / 9
    )


class Ledger:
    """Hands out pages of two."""

    def page(self, filters: object) -> Page:
        cursor = int(dict(filters).get("cursor", 0))  # type: ignore[call-overload]
        items = (summary(cursor), summary(cursor + 1))
        further = f"/v1/applications?cursor={cursor + 2}&limit=2"
        return Page(items=items, next=further if cursor < 4 else None)


def test_the_export_has_every_page() -> None:
    rows = list(csv.DictReader(StringIO(export(Ledger(), {"outcome": "approved"}))))
    assert [row["application_id"] for row in rows] == [f"a-{number}" for number in range(6)]
    assert len(rows) <= MOST_EXPORTED
    assert cursor_of(None) is None


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_the_export_is_a_formula_to_a_spreadsheet(begins: str) -> None:
    text = f"{begins}cmd|'/C calc'!A0"

    class OfAStranger:
        def page(self, filters: object) -> Page:
            del filters
            told = summary(0).model_copy(update={"channel": text, "application_id": f"{begins}1"})
            return Page(items=(told.model_copy(update={"probability_of_default": -0.5, "score": -3}),))

    written = export(OfAStranger(), {})
    # Numbers stay numbers, and what begins as other texts do stays as it is.
    assert f"\n'{begins}1,decided,,-0.5,-3,'{text},2026-03-31T" in written


def test_a_card_is_told_by_section_without_pictures() -> None:
    opening = "# Card\n\nOpening, [limits](#known-limits).\n\n"
    card = f"{opening}## Quality\n\n![a](a.png)\nGood\n\n## Figures\n\n![b](b.png)\n"
    assert sections_of(card) == [("", "Opening, limits."), ("Quality", "Good")]


@pytest.mark.parametrize(("threshold", "rate"), [(0, 0.5), (0.1, 0.5), (0.15, 0.6), (0.2, 0.7), (0.9, 0.9)])
def test_the_figures_of_a_threshold_lie_between_those_that_were_measured(
    threshold: float, rate: float
) -> None:
    curve = {"thresholds": [0.1, 0.2, 0.3], "approval_rate": [0.5, 0.7, 0.9]}
    assert figure_at(curve, "approval_rate", threshold) == pytest.approx(rate)


def test_the_thresholds_to_choose_reach_to_the_end() -> None:
    found = thresholds_up_to(0.41)
    assert (found[0], found[1], found[-1]) == (0.005, 0.006, 0.41)


def test_features_that_tell_the_same_count_together() -> None:
    shares = [("EXT_SOURCE_2", 0.4), ("DAYS_BIRTH", 0.2), ("EXT_SOURCE_MEAN", 0.2), ("NEW", 0.1)]
    told = [{"feature": feature, "share": share} for feature, share in shares]
    found = by_group([*told, {"feature": "AGE_YEARS", "share": 0.1}])
    assert [code for code, _ in found] == ["EXTERNAL_SCORES", "AGE", "NEW"]
    assert [share for _, share in found] == pytest.approx([0.6, 0.3, 0.1])


def test_alerts_of_one_rule_are_together_and_the_gravest_come_first() -> None:
    told = [("warning", "drift"), ("information", "slow"), ("warning", "drift"), ("critical", "dead")]
    alerts = [{"severity": severity, "rule": rule} for severity, rule in told]
    found = [(group[0]["rule"], len(group)) for group in by_rule(alerts)]
    assert found == [("dead", 1), ("drift", 2), ("slow", 1)]


@pytest.mark.parametrize(
    ("value", "shown"), [(5, "octroi-within"), (50, "octroi-beyond"), (-9, "octroi-low")]
)
def test_a_value_far_from_the_others_is_an_arrow_at_the_edge(value: float, shown: str) -> None:
    group = (1.0, 2.0, 3.0, 4.0, 6.0)
    page = strips([Comparison("Age", value, group, group, f"{value}", ("1", "6"))], reader())
    assert page.count(f'{shown}"') == 2
    assert ">1</span>" in page
    assert ">6</span>" in page
    places = [float(place) for place in re.findall(r'<u class="[^"]*" style="left:([0-9.-]+)%', page)]
    assert all(0 <= place <= 100 for place in places)


def test_the_gauge_leaves_room_on_both_sides_of_the_threshold() -> None:
    assert gauge_end(0.03, 0.1) == pytest.approx(0.25)
    assert gauge_end(0.99, 0.1) == 1.0


def test_features_of_an_application_are_computed_where_they_have_a_value() -> None:
    cells = {"SK_ID_CURR": 1, "AMT_CREDIT": 500, "AMT_INCOME_TOTAL": 100, "DAYS_BIRTH": -14610}
    values = values_of(cells)
    assert values["CREDIT_TO_INCOME"] == 5
    assert "EXT_SOURCE_1" not in values
    assert values_of({"AMT_CREDIT": -1}) == {}


def test_each_step_of_the_waterfall_has_its_name_and_no_markup_of_it() -> None:
    found = steps(0.08, [("AGE", 0.4), ("NEW", -0.2)], 0.12)
    names = ["All applicants", "Other features", "Age", "<b>new</b>", "This applicant"]
    page = waterfall(found, names, 0.1, reader())
    told = re.findall(r'<div class="octroi-step-name">(.*?)</div>', page)
    assert told == [f"<b>{escape(name)}</b>" for name in names]
    signs = re.findall(r'<div class="octroi-step-size">([▲▼]?)', page)
    assert signs == ["", "▲" if found[1].size > 0 else "▼", "▲", "▼", ""]
