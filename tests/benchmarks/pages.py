"""What people wait for: pages in the machine's own Chromium, each in a browser that has seen nothing yet."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import monotonic

import psycopg
from playwright.sync_api import Page, expect, sync_playwright

from tests.engine import RunningEngine
from tests.parts import until

WITHIN = 120_000
DECISIONS = 15
FILLED = ("AMT_CREDIT", "DAYS_BIRTH", "AMT_INCOME_TOTAL", "EXT_SOURCE_2")
"""Of the example: the form's first and last, and those without which there is no decision."""
HOURS = 7 * 24
A_WEEK = """
INSERT INTO monitoring.ticks
SELECT 'hour', date_trunc('hour', now()) - hour * interval '1 hour', period, segment, model_version,
    jsonb_set(summary, '{at}', to_jsonb(date_trunc('hour', now()) - hour * interval '1 hour'))
FROM monitoring.windows, generate_series(1, %(hours)s) AS hour
ON CONFLICT DO NOTHING
"""
"""History as a week leaves it: of each window and segment one summary an hour. A second run has it."""
WINDOWS = "SELECT FROM monitoring.windows LIMIT 1"


def lacks() -> str:
    """Return why there are no pages on this machine; nothing where there are."""
    return "" if _chromium() else "there is neither chromium nor google-chrome"


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def new_page() -> Iterator[Page]:
    """Give a page of a browser that was just started."""
    expect.set_options(timeout=WITHIN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium())
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(WITHIN)
        yield page
        browser.close()


def operators_page(engine: RunningEngine) -> float:
    """Return the milliseconds until the operators' page shows a week."""
    replay = engine.run("services.replay", "--file", str(engine.data / "application_test.csv"))
    assert replay.returncode == 0, replay.stderr
    with psycopg.connect(engine.environment["DATABASE_URL"], autocommit=True) as database:
        until(lambda: database.execute(WINDOWS).fetchone() is not None, "monitoring's first tick")
        database.execute(A_WEEK, {"hours": HOURS})
    with new_page() as page:
        begun = monotonic()
        page.goto(f"{engine.monitoring}/?range=7d")
        expect(page.locator("#features button").first).to_be_visible()
        expect(page.locator("#plot-drift .heatmaplayer image").first).to_be_attached()
        return 1000 * (monotonic() - begun)


def form(engine: RunningEngine) -> tuple[float, float]:
    """Return the milliseconds until the form can be filled, and from a click to a decision (the median)."""
    with new_page() as page:
        begun = monotonic()
        page.goto(f"{engine.ui}/?lang=en")
        expect(page.locator(".st-key-submit button")).to_be_visible()
        loaded = 1000 * (monotonic() - begun)
        return loaded, median(_decide(page, engine) for _ in range(DECISIONS))


def _decide(page: Page, engine: RunningEngine) -> float:
    page.goto(f"{engine.ui}/?lang=en")
    page.locator(".st-key-load-example button").click()
    # The page fills from the top: who clicks before its last fields have come is asked for them.
    for column in FILLED:
        expect(page.locator(f".st-key-field-{column} input")).not_to_have_value("")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    begun = monotonic()
    page.locator(".st-key-submit button").click()
    page.locator(".octroi-verdict").wait_for()
    return 1000 * (monotonic() - begun)


def batch(engine: RunningEngine, source: Path, rows: int) -> float:
    """Return the seconds from a click until a file of so many rows is uploaded and decided."""
    file = _file(source, engine.engine.state.root / "many.csv", rows)
    with new_page() as page:
        page.goto(f"{engine.ui}/batch?lang=en")
        page.locator("input[type=file]").set_input_files(file)
        start = page.locator(".st-key-batch-start button")
        expect(start).to_be_enabled()
        begun = monotonic()
        start.click()
        expect(page.locator(".octroi-batch")).to_have_attribute("data-state", "done")
        return monotonic() - begun


def _file(source: Path, target: Path, rows: int) -> Path:
    header, *lines = source.read_text(encoding="utf-8").splitlines()
    chosen: Sequence[str] = [header, *islice(cycle(lines), rows)]
    target.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return target
