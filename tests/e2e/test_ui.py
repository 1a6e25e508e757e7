"""The application in a real browser, on the whole engine."""

import csv
import re
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from services.ui import palette
from tests.e2e.conftest import WITHIN
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
ROWS = 5_000
WIDE, NARROW = ViewportSize(width=1440, height=1400), ViewportSize(width=400, height=1400)


@pytest.fixture
def page(browser: Browser, engine: RunningEngine) -> Iterator[Page]:
    """The form for a French reader; the test fails for what the page's scripts raise."""
    context = browser.new_context(viewport=WIDE, locale="fr-FR", timezone_id="Europe/Paris")
    opened, faults = context.new_page(), list[str]()
    opened.set_default_timeout(WITHIN)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(engine.ui)
    expect(opened.locator(".st-key-submit button")).to_be_visible()
    yield opened
    context.close()
    assert not faults


def type_in(page: Page, **cells: str) -> None:
    for column, text in cells.items():
        page.locator(f".st-key-field-{column} input").fill(text)
        page.locator(f".st-key-field-{column} input").press("Tab")


def edge(page: Page, column: str) -> Locator:
    return page.locator(f".st-key-field-{column} [data-testid=stTextInputRootElement]")


def rgb(colour: str) -> str:
    """Return a colour as a browser tells it."""
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def decide(page: Page) -> None:
    type_in(page, AMT_CREDIT="512 000", AMT_ANNUITY="27 300", AMT_INCOME_TOTAL="171 000")
    type_in(page, DAYS_BIRTH="39", EXT_SOURCE_2="0,64")
    page.locator(".st-key-submit button").click()
    expect(page.locator(".octroi-verdict")).to_be_visible()


def picture(page: Page, folder: Path, name: str) -> None:
    """Keep what is to be seen, wide and narrow, and see that nothing is cut off."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        sidebar = expect(page.get_by_test_id("stSidebar"))
        if size == NARROW:
            sidebar.not_to_be_in_viewport()
        else:
            sidebar.to_be_in_viewport()
        page.screenshot(path=folder / f"{name}-{size['width']}.png")
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    page.set_viewport_size(WIDE)


def gateway(engine: RunningEngine, path: str) -> httpx.Response:
    return httpx.get(engine.gateway + path, headers={"X-API-Key": engine.api_key}, timeout=30)


def test_an_application_is_typed_in_and_its_decision_is_read(
    engine: RunningEngine, page: Page, tmp_path: Path
) -> None:
    picture(page, tmp_path, "new")
    decide(page)
    expect(page).to_have_url(re.compile(r"/decision\?.*id=[0-9a-f-]{36}"))
    expect(page).to_have_title("Décision \u2013 Octroi")
    application_id = page.url.rpartition("id=")[2].partition("&")[0]
    decision = gateway(engine, f"/v1/applications/{application_id}").json()["decision"]
    expect(page.locator(".octroi-verdict")).to_contain_text(f"{decision['score']} sur 850")
    expect(page.locator(".octroi-step")).to_have_count(len(decision["reasons"]) + 4)
    expect(page.locator(".octroi-gauge")).to_have_attribute("aria-label", re.compile("le seuil est de"))
    picture(page, tmp_path, "decision")
    with page.expect_download() as download:
        page.locator(".st-key-notice-fr button").click()
    notice = download.value.path().read_text(encoding="utf-8")
    assert application_id in notice
    assert "Vos droits" in notice
    page.reload()
    expect(page.locator(".octroi-verdict")).to_contain_text(f"{decision['score']} sur 850")
    assert engine.api_key not in page.content()


def test_what_is_wrong_is_said_beside_its_field_and_numbers_keep_in_another_language(page: Page) -> None:
    type_in(page, AMT_CREDIT="300 000", DAYS_BIRTH="130")
    expect(page.locator(".octroi-problem")).to_have_text(re.compile("Entre 1 et 120 ans"))
    # Streamlit's own names of its parts may change, and the look with them.
    expect(edge(page, "DAYS_BIRTH")).to_have_css("border-top-color", rgb(palette.REFUSED))
    expect(edge(page, "AMT_CREDIT")).to_have_css("border-top-color", rgb(palette.NEUTRAL))
    page.locator(".st-key-field-AMT_CREDIT input").focus()
    expect(edge(page, "AMT_CREDIT")).to_have_css("outline-color", rgb(palette.PRIMARY))
    page.locator(".st-key-language-choice").get_by_text("English").click()
    expect(page.locator(".octroi-head h1")).to_have_text("New application")
    expect(page.locator(".st-key-field-AMT_CREDIT input")).to_have_value("300,000")
    expect(page.locator(".octroi-problem")).to_have_text(re.compile("Between 1 and 120 years"))
    expect(page).to_have_url(re.compile("lang=en"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_slider_changes_what_would_be_decided_and_nothing_is_written(
    engine: RunningEngine, page: Page, tmp_path: Path
) -> None:
    decide(page)
    page.locator(".st-key-to-what-if button").click()
    tile = page.locator(".octroi-wide .octroi-tile").first
    expect(tile).to_be_visible()
    newest = gateway(engine, "/v1/applications?limit=1").json()["items"]
    told = tile.inner_text()
    thumb = page.get_by_role("slider", name="Montant du prêt")
    thumb.focus()
    thumb.press("End")
    expect(tile).not_to_have_text(told, use_inner_text=True)
    curve = page.locator(".st-key-what-if-curve .scatterlayer path")
    expect(curve.first).to_be_visible()
    picture(page, tmp_path, "what-if")
    assert gateway(engine, "/v1/applications?limit=1").json()["items"] == newest


def test_a_file_is_decided_and_its_results_are_downloaded(
    engine: RunningEngine, page: Page, tmp_path: Path
) -> None:
    header, *lines = (engine.data / "application_test.csv").read_text().splitlines()
    file = tmp_path / "many.csv"
    file.write_text("\n".join([header, *islice(cycle(lines), ROWS)]) + "\n")
    page.goto(f"{engine.ui}/batch")
    page.locator("input[type=file]").set_input_files(file)
    page.locator(".st-key-batch-start button").click()
    expect(page.locator(".octroi-batch")).to_be_visible()
    page.reload()
    expect(page.locator(".octroi-batch")).to_have_attribute("data-state", "done")
    expect(page.locator(".st-key-batch-outcomes .barlayer path").first).to_be_visible()
    picture(page, tmp_path, "batch")
    with page.expect_download() as download:
        page.locator(".st-key-batch-download button").click()
    with download.value.path().open(encoding="utf-8", newline="") as results:
        rows = list(csv.DictReader(results))
    assert len(rows) == ROWS
    assert {row["outcome"] for row in rows} <= {"approved", "refused", "review"}


def test_a_file_with_wrong_columns_is_told_column_by_column(
    engine: RunningEngine, page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("AMT_CREDIT,COLOUR\n1000,blue\n")
    page.goto(f"{engine.ui}/batch")
    page.locator("input[type=file]").set_input_files(file)
    page.locator(".st-key-batch-start button").click()
    faults = page.locator(".octroi-faults li")
    expect(faults.filter(has_text="AMT_INCOME_TOTAL")).to_have_count(1)
    expect(faults.filter(has_text="COLOUR")).to_have_count(1)


def test_the_page_comes_back_by_itself_with_the_gateway(engine: RunningEngine, page: Page) -> None:
    type_in(page, AMT_CREDIT="512 000", AMT_INCOME_TOTAL="171 000", DAYS_BIRTH="39")
    away = page.locator(".octroi-bad")
    engine.engine.supervisor.stop("gateway")
    try:
        page.locator(".st-key-submit button").click()
        expect(away).to_contain_text("Le service de décision ne répond pas")
        expect(page.locator(".st-key-field-AMT_CREDIT input")).to_have_value("512\u202f000")
    finally:
        engine.engine.supervisor.begin("gateway")
    expect(away).to_have_count(0)
    page.locator(".st-key-submit button").click()
    expect(page.locator(".octroi-verdict")).to_be_visible()


def test_a_decision_that_takes_long_shows_when_it_is_there(engine: RunningEngine, page: Page) -> None:
    type_in(page, AMT_CREDIT="512 000", AMT_INCOME_TOTAL="171 000", DAYS_BIRTH="39")
    engine.engine.supervisor.stop("scoring")
    try:
        page.locator(".st-key-submit button").click()
        expect(page.locator(".octroi-plain")).to_contain_text("Sa décision est en route")
    finally:
        engine.engine.supervisor.begin("scoring")
    expect(page.locator(".octroi-verdict")).to_be_visible()


@pytest.mark.parametrize("name", ["history", "model", "monitoring"])
def test_the_other_pages_are_shown_wide_and_narrow(
    engine: RunningEngine, page: Page, tmp_path: Path, name: str
) -> None:
    page.goto(f"{engine.ui}/{name}")
    expect(page.locator(".octroi-head h1")).to_be_visible()
    expect(page.locator(".octroi-tile, [data-testid=stDataFrame]").first).to_be_visible()
    picture(page, tmp_path, name)
