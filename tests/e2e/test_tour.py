"""The walk that the README shows: from an application to the operators' page, picture by picture."""

import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import WITHIN
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
SIZE = ViewportSize(width=1280, height=860)
ROWS = 1000
Keep = Callable[[str, Locator], None]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZE, locale="en-GB", timezone_id="Europe/Paris")
    opened = context.new_page()
    opened.set_default_timeout(WITHIN)
    yield opened
    context.close()


@pytest.fixture
def keep(page: Page, tmp_path: Path) -> Keep:
    """Keeps what is to be seen once something is there; `make pictures` says where."""
    folder = Path(os.environ.get("OCTROI_PICTURES", tmp_path))

    def picture(name: str, there: Locator) -> None:
        expect(there.first).to_be_visible()
        expect(page.locator("[data-testid=stStatusWidget], .stale-element")).to_have_count(0)
        page.screenshot(path=folder / f"{name}.png")

    return picture


def test_a_tour(engine: RunningEngine, page: Page, keep: Keep, tmp_path: Path) -> None:
    replay = engine.run("services.replay", "--file", str(engine.data / "application_test.csv"))
    assert replay.returncode == 0, replay.stdout + replay.stderr
    page.goto(f"{engine.ui}/?lang=en")
    page.locator(".st-key-load-example button").click()
    expect(page.locator(".st-key-field-AMT_CREDIT input")).not_to_have_value("")
    keep("1-application", page.locator(".st-key-submit button"))
    page.locator(".st-key-submit button").click()
    keep("2-decision", page.locator(".octroi-step"))
    page.locator(".st-key-to-what-if button").click()
    keep("3-what-if", page.locator(".st-key-what-if-curve .scatterlayer path"))
    batch(engine, page, tmp_path)
    keep("4-batch", page.locator(".st-key-batch-outcomes .barlayer path"))
    for name, there in (("history", "[data-testid=stDataFrame]"), ("model", ".scatterlayer path")):
        page.goto(f"{engine.ui}/{name}?lang=en")
        keep(f"5-{name}", page.locator(there))
    page.goto(engine.monitoring)
    expect(page.locator("#tiles")).to_contain_text(re.compile("of [0-9,]+ decisions"))
    keep("6-monitoring", page.locator("#features button"))


def batch(engine: RunningEngine, page: Page, folder: Path) -> None:
    """Have a file decided."""
    file = folder / "applications.csv"
    with (engine.data / "application_test.csv").open(encoding="utf-8") as lines:
        file.write_text("".join(islice(lines, ROWS + 1)), encoding="utf-8")
    page.goto(f"{engine.ui}/batch?lang=en")
    page.locator("input[type=file]").set_input_files(file)
    page.locator(".st-key-batch-start button").click()
    expect(page.locator(".octroi-batch")).to_have_attribute("data-state", "done")
