"""The pages on what others have written: cells that no contract takes, and files that ask for much."""

import logging
from collections.abc import Iterator, Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from services.contracts.examples import APPLICATION
from services.ui.batch_parts import MOST_DOWNLOADED
from services.ui.locale_forms import forms_of
from services.ui.words import LANGUAGES, Language, words_of
from tests.integration.ui.answering import Answering, running_gateway
from tests.integration.ui.looking import pages_with, shown

PERSON = "John Smith 1970"
"""What must not come into a log."""
MARKUP = '"><img src=x onerror="pwned()">'


@pytest.fixture
def gateway() -> Iterator[Answering]:
    with running_gateway() as server:
        yield server


@pytest.fixture
def pages(gateway: Answering, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    return pages_with(monkeypatch, tmp_path, gateway=gateway.url)


def opened(pages: AppTest, language: Language, page: str = "new", **parameters: str) -> AppTest:
    pages.query_params["lang"] = language
    pages.run()
    for name, value in parameters.items():
        pages.query_params[name] = value
    return pages.switch_page(f"page_{page}.py").run()


def load(pages: AppTest, application_id: str) -> None:
    pages.text_input(key="load-id").set_value(application_id)
    pages.button(key="load-open").click().run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dead_application_is_loaded_without_what_the_contract_does_not_take(
    gateway: Answering, pages: AppTest, language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"FLAG_EMAIL": PERSON, "AMT_CREDIT": [PERSON], "FLAG_DOCUMENT_3": {PERSON: 1}}
    # Known to the contract, and no choice of the form; and what the contract does not name.
    unusual = {"REGION_RATING_CLIENT": -1, "OCCUPATION_TYPE": MARKUP, MARKUP: MARKUP}
    gateway.know_dead("dead-1", {**APPLICATION, **unusual, **wrong, "SK_ID_CURR": PERSON})
    with caplog.at_level(logging.DEBUG):
        load(opened(pages, language), "dead-1")
    page, words = shown(pages), words_of(language)
    names = [words.field("AMT_CREDIT"), words.field("FLAG_EMAIL"), words("form.document", number="3")]
    assert escape(", ".join(names)) in page
    assert words.field("SK_ID_CURR") not in page
    assert pages.text_input(key="field:AMT_CREDIT").value == ""
    assert pages.text_input(key="field:AMT_INCOME_TOTAL").value in {"171,000", "171\u202f000"}
    assert PERSON not in page + caplog.text
    assert "<img" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_if_does_not_begin_from_cells_that_the_contract_does_not_take(
    gateway: Answering, pages: AppTest, language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.know_dead("dead-1", {**APPLICATION, "AMT_CREDIT": PERSON, MARKUP: MARKUP})
    with caplog.at_level(logging.DEBUG):
        opened(pages, language, "whatif", id="dead-1")
    page = shown(pages)
    assert words_of(language)("whatif.invalid") in page
    assert PERSON not in page + caplog.text
    assert "<img" not in page


def test_a_file_that_asks_for_much_is_told(gateway: Answering, pages: AppTest) -> None:
    opened(pages, "en", "batch")
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["x" * 1_000_000]))
    upload(pages, {MARKUP: word})
    assert words_of("en")("batch.swells") in shown(pages)
    assert b"xxx" not in b"".join(gateway.sent)


def upload(pages: AppTest, cells: Mapping[str, Any]) -> None:
    file = BytesIO()
    parquet.write_table(pa.table(dict(cells)), file)
    uploaded = ("new.parquet", file.getvalue(), "application/octet-stream")
    pages.file_uploader(key="batch-file").set_value(uploaded).run()
    pages.button(key="batch-start").click().run(timeout=30)


def test_a_file_that_is_read_is_sent_as_csv(gateway: Answering, pages: AppTest) -> None:
    opened(pages, "en", "batch")
    upload(pages, {"AMT_CREDIT": [1.5]})
    assert gateway.sent == [b"AMT_CREDIT\n1.5\n"]
    assert "There is no row of data" in shown(pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_of_more_rows_than_the_pages_can_hold_are_left_to_rest(
    gateway: Answering, pages: AppTest, language: Language
) -> None:
    gateway.know_done("b/1", MOST_DOWNLOADED + 1)
    opened(pages, language, "batch", batch="b/1")
    page, most = shown(pages), forms_of(language).number(MOST_DOWNLOADED)
    assert escape(words_of(language)("batch.download_by_rest", rows=most)) in page
    assert "GET /v1/batches/b%2F1/results" in page
    assert not pages.get("download_button")
    assert "/v1/batches/b/1" in gateway.asked
    assert "/v1/batches/b/1/results" not in gateway.asked


def test_results_of_as_many_rows_as_the_pages_can_hold_are_offered(
    gateway: Answering, pages: AppTest
) -> None:
    gateway.know_done("b-1", MOST_DOWNLOADED)
    opened(pages, "en", "batch", batch="b-1")
    assert pages.get("download_button")
    assert "by REST" not in shown(pages)
    assert gateway.asked.count("/v1/batches/b-1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_batch_that_nobody_sent_is_told(pages: AppTest, language: Language) -> None:
    opened(pages, language, "batch", batch=MARKUP)
    assert escape(words_of(language)("refused.unknown")) in shown(pages)
    assert "<img" not in shown(pages)
