"""The pages while the services that they ask are away."""

import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.contracts.application import LoanApplication
from services.ui import served
from services.ui.fields import every_field
from services.ui.reach import document
from services.ui.words import LANGUAGES, Language
from tests.integration.ui.looking import pages_with, shown


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    return pages_with(monkeypatch, tmp_path)


def know_the_document() -> None:
    """What the gateway told before it went away."""
    example: dict[str, Any] = {"complete": {"value": {"application": {}}}}
    body = {"requestBody": {"content": {"application/json": {"examples": example}}}}
    told = {
        "components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}},
        "paths": {"/v1/applications": {"post": body}},
    }
    known = document()
    known._ask = lambda: told  # noqa: SLF001 - the way to the gateway, which is away
    known.limits()


@pytest.mark.parametrize(
    ("page", "service"),
    [
        ("new", "decision service"),
        ("history", "decision service"),
        ("batch", "decision service"),
        ("model", "model registry"),
        ("monitoring", "monitoring service"),
    ],
)
def test_a_page_says_in_plain_words_who_is_away(pages: AppTest, page: str, service: str) -> None:
    pages.query_params["lang"] = "en"
    pages.run()
    pages.switch_page(f"page_{page}.py").run()
    assert f"The {service}" in shown(pages)
    assert "does not answer at the moment" in shown(pages)


async def test_the_pages_are_warmed_when_the_process_starts_and_nobody_need_be_there(pages: AppTest) -> None:
    warmed = "services.ui.page_model"
    sys.modules.pop(warmed, None)
    async with served.warmed(served.app):
        pass
    assert warmed in sys.modules
    pages.run()
    assert "ne répond pas" in shown(pages)


@pytest.mark.parametrize("page", ["decision", "whatif"])
def test_a_page_about_an_application_says_how_to_come_to_one(pages: AppTest, page: str) -> None:
    pages.query_params["lang"] = "fr"
    pages.run()
    pages.switch_page(f"page_{page}.py").run()
    assert "Ouvrez" in shown(pages)


def test_what_was_typed_is_kept_when_the_gateway_is_away(pages: AppTest) -> None:
    know_the_document()
    pages.query_params["lang"] = "en"
    pages.run()
    pages.text_input(key="field:AMT_CREDIT").set_value("300,000")
    pages.text_input(key="field:AMT_INCOME_TOTAL").set_value("90000")
    pages.text_input(key="field:DAYS_BIRTH").set_value("41")
    pages.button(key="submit").click().run()
    assert "The decision service does not answer" in shown(pages)
    assert "Nothing is lost" in shown(pages)
    assert pages.text_input(key="field:AMT_CREDIT").value == "300,000"
    assert "octroi_secret" not in shown(pages)


def test_what_is_wrong_stands_beside_its_field_and_is_not_sent(pages: AppTest) -> None:
    know_the_document()
    pages.query_params["lang"] = "en"
    pages.run()
    pages.text_input(key="field:AMT_CREDIT").set_value("minus").run()
    assert "This is no number, or can be read in two ways" in shown(pages)
    pages.button(key="submit").click().run()
    assert "Needed for a decision." in shown(pages)
    assert "does not answer" not in shown(pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_18_is_not_told_to_be_younger(pages: AppTest, language: Language) -> None:
    know_the_document()
    pages.query_params["lang"] = language
    pages.run()
    pages.text_input(key="field:AMT_CREDIT").set_value("300000")
    pages.text_input(key="field:AMT_INCOME_TOTAL").set_value("90000")
    for typed, told in (("17", True), ("18", False)):
        pages.text_input(key="field:DAYS_BIRTH").set_value(typed).run()
        assert pages.text_input(key="field:DAYS_BIRTH").value == typed
        assert ('class="octroi-ahead"' in shown(pages)) is told


def test_the_form_keeps_its_numbers_in_another_language_and_on_other_pages(pages: AppTest) -> None:
    know_the_document()
    pages.query_params["lang"] = "en"
    pages.run()
    pages.text_input(key="field:AMT_CREDIT").set_value("300,000.5").run()
    pages.button_group(key="language-choice").set_value("fr").run()
    assert pages.text_input(key="field:AMT_CREDIT").value == "300\u202f000,5"
    assert "fr" in pages.query_params["lang"]
    pages.switch_page("page_decision.py").run()
    pages.switch_page("page_new.py").run()
    assert pages.text_input(key="field:AMT_CREDIT").value == "300\u202f000,5"


def test_folded_groups_are_drawn_when_they_are_opened(pages: AppTest) -> None:
    know_the_document()
    pages.run()
    kinds = ("text_input", "selectbox", "multiselect")
    drawn = {element.key for kind in kinds for element in pages.get(kind)}
    hidden = {field.key for field in every_field()} - drawn
    assert 60 < len(hidden) < len(every_field())
