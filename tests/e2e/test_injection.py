"""HTML in every text that people see on the pages is shown as text, and no script of it runs."""

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from services.contracts.examples import APPLICATION
from tests.e2e.conftest import WITHIN
from tests.e2e.following import Outsider, query, wait_for
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
MARKUP = '"><img src=x onerror="pwned()">'
SHORT = "<img src=x onerror=pwned()>"
NAME, BROKEN = "injected-1", "injected-2"
ALERT_ID = f"a-{SHORT}"
ALERT = """
INSERT INTO monitoring.alerts
    (alert_id, rule, subject, severity, value, threshold, summary, raised_at, cleared_at, event)
VALUES (%s, %s, %s, 'warning', 1, 1, %s, now(), now(), '{}')
RETURNING 1
"""
TABLES = "SELECT count(*) FROM pg_stat_user_tables WHERE schemaname IN ('ledger', 'gateway', 'monitoring')"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which markup that is taken for one tells so."""
    opened, ran = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB"), list[str]()
    opened.set_default_timeout(WITHIN)
    opened.expose_function("pwned", lambda: ran.append("a script of the payload ran"))
    opened.on("dialog", lambda dialog: ran.append(dialog.message))
    yield opened
    opened.close()
    assert not ran


@pytest.fixture(scope="module")
def injected(engine: RunningEngine) -> Iterator[RunningEngine]:
    """The engine after texts that are markup came in by every way there is."""
    words = {
        name: MARKUP for name, cell in APPLICATION.items() if name in {"OCCUPATION_TYPE", "NAME_TYPE_SUITE"}
    }
    cells = {**APPLICATION, **words, SHORT: MARKUP}
    headers = {"X-API-Key": engine.api_key, "Prefer": "wait=60"}
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=90) as client:
        given = {"application_id": NAME, "channel": SHORT, "application": cells}
        assert client.post("/v1/applications", json=given).status_code == 200
        file = f"AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n{SHORT},1,-9000\n96000,150000,-10950\n"
        sent = client.post(
            "/v1/batches", params={"name": MARKUP}, content=file, headers={"Content-Type": "text/csv"}
        )
        assert sent.status_code == 202, sent.text
        wait_for(
            lambda: client.get(sent.headers["Location"]).json()["state"] == "done",
            seconds=120,
            what="the batch",
        )
    event = {"application_id": BROKEN, "channel": SHORT, "application": {**cells, "AMT_CREDIT": MARKUP}}
    Outsider(engine).send("loan.applications.v1", json.dumps(event).encode(), MARKUP.encode())
    dead = "SELECT count(*) FROM public.dead_letters WHERE application_id = %s"
    wait_for(lambda: query(engine, dead, BROKEN) == [(1,)], seconds=120, what="the dead letter")
    # What no stage writes itself, as if one had a fault.
    changed = "UPDATE ledger.dead_letters SET error = %s, stage = %s WHERE application_id = %s RETURNING 1"
    query(engine, changed, MARKUP, SHORT, BROKEN)
    query(engine, ALERT, ALERT_ID, SHORT, MARKUP, MARKUP)
    yield engine
    query(engine, "DELETE FROM monitoring.alerts WHERE alert_id = %s RETURNING 1", ALERT_ID)
    query(engine, "DELETE FROM ledger.dead_letters WHERE error = %s RETURNING 1", MARKUP)


def test_operators_see_markup_as_text(injected: RunningEngine, page: Page) -> None:
    tables = query(injected, TABLES)
    page.goto(injected.monitoring)
    page.get_by_label("with cleared").check()
    expect(page.locator("#alert-list")).to_contain_text(MARKUP)
    expect(page.locator("body")).to_contain_text(SHORT)
    assert page.locator("img[src=x]").count() == 0
    window = {"window": MARKUP, "segment": SHORT, "feature": MARKUP}
    page.goto(f"{injected.monitoring}/?{httpx.QueryParams(window)}")
    page.get_by_label("with cleared").check()
    expect(page.locator("#alert-list")).to_contain_text(MARKUP)
    assert page.locator("img[src=x]").count() == 0
    assert query(injected, TABLES) == tables


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (f"decision?id={NAME}", "of 850"),
        (f"decision?id={BROKEN}", ""),
        ("decision?" + str(httpx.QueryParams({"id": MARKUP})), "There is no application"),
        ("history", ""),
        ("batch", ""),
        ("monitoring", ""),
        (f"whatif?id={NAME}", "With these values"),
        (f"whatif?id={BROKEN}", "cannot decide on these values"),
        ("whatif?" + str(httpx.QueryParams({"id": MARKUP})), "There is no application"),
    ],
)
def test_officers_see_markup_as_text(injected: RunningEngine, page: Page, path: str, seen: str) -> None:
    page.goto(f"{injected.ui}/{path}{'&' if '?' in path else '?'}lang=en")
    expect(page.locator(".octroi-head").first).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("body")).to_contain_text(seen)
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("application_id", [NAME, BROKEN, MARKUP])
def test_officers_load_markup_as_text(injected: RunningEngine, page: Page, application_id: str) -> None:
    page.goto(f"{injected.ui}/?lang=en")
    page.locator(".st-key-load-id input").fill(application_id)
    page.locator(".st-key-load-open button").click()
    expect(page.locator(".octroi-note").first).to_contain_text(application_id)
    assert page.locator("img[src=x]").count() == 0
    expect(page.locator(".st-key-submit button")).to_be_visible()
