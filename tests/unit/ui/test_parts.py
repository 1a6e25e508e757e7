import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pyarrow as pa
import pytest
from pyarrow import parquet

from services.scorecard.policy import load_policy
from services.scorecard.reasons import load_reasons
from services.ui.answers import Application, Batch, Page, Reason, Summary
from services.ui.batch_progress import progress
from services.ui.card_text import sections_of
from services.ui.drawn import gauge_end
from services.ui.listing import MOST_EXPORTED, cursor_of, export
from services.ui.notice import notice
from services.ui.parquet import UnreadableFileError, pieces
from services.ui.peers import values_of
from services.ui.reasons_told import told
from services.ui.threshold import nearest
from services.ui.words import LANGUAGES, Language, words_of
from tests.unit.ui.decisions import decided

AT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


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
    assert ("du bien (non indiqué)" if language == "fr" else "of the goods (not stated)") in page
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
    codes = [*(group.code for group in load_reasons().groups), *(rule.code for rule in load_policy().rules)]
    assert set(codes) == set(words_of(language).tree["client"])


def test_reasons_are_told_in_french_and_say_what_is_missing() -> None:
    against, missing = decided().reasons
    assert told(against, "fr") == "L'âge du demandeur accroît le risque"
    assert told(missing, "fr") == "Le prix des biens n'est pas indiqué"
    assert told(missing, "en") == missing.text
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


def test_parquet_becomes_csv_piece_by_piece_and_csv_stays() -> None:
    cells = {"AMT_CREDIT": [1.5, None], "NAME_HOUSING_TYPE": ["a, b", None], "CNT_CHILDREN": [1, 2]}
    table = pa.table(cells)
    file = BytesIO()
    parquet.write_table(table, file)
    text = b"".join(pieces(file, "new.PARQUET")).decode()
    assert list(csv.reader(StringIO(text))) == [
        ["AMT_CREDIT", "NAME_HOUSING_TYPE", "CNT_CHILDREN"],
        ["1.5", "a, b", "1"],
        ["", "", "2"],
    ]
    assert b"".join(pieces(BytesIO(b"a,b\n1,2\n"), "new.csv")) == b"a,b\n1,2\n"
    with pytest.raises(UnreadableFileError):
        list(pieces(BytesIO(b"a,b\n"), "new.parquet"))


def test_a_card_is_told_by_section_without_pictures() -> None:
    opening = "# Card\n\nOpening, [limits](#known-limits).\n\n"
    card = f"{opening}## Quality\n\n![a](a.png)\nGood\n\n## Figures\n\n![b](b.png)\n"
    assert sections_of(card) == [("", "Opening, limits."), ("Quality", "Good")]


@pytest.mark.parametrize(("wanted", "place"), [(0, 0), (0.14, 0), (0.16, 1), (0.2, 1), (0.9, 2)])
def test_the_nearest_threshold_is_found(wanted: float, place: int) -> None:
    assert nearest([0.1, 0.2, 0.3], wanted) == place


def test_the_gauge_leaves_room_on_both_sides_of_the_threshold() -> None:
    assert gauge_end(0.03, 0.1) == pytest.approx(0.25)
    assert gauge_end(0.99, 0.1) == 1.0


def test_features_of_an_application_are_computed_where_they_have_a_value() -> None:
    cells = {"SK_ID_CURR": 1, "AMT_CREDIT": 500, "AMT_INCOME_TOTAL": 100, "DAYS_BIRTH": -14610}
    values = values_of(cells)
    assert values["CREDIT_TO_INCOME"] == 5
    assert "EXT_SOURCE_1" not in values
    assert values_of({"AMT_CREDIT": -1}) == {}
