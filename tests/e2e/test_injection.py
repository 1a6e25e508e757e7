"""HTML in every text that people see on the pages is shown as text, and no script of it runs."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from httpx import QueryParams
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import WITHIN
from tests.e2e.following import query, wait_for
from tests.e2e.injecting import ALERT_ID, BROKEN, MARKUP, NAME, SHORT, injected_into
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
REASONS = '</p><img src=x onerror="pwned(1)">', "<script>pwned(2)</script><img src=x>"
LOOK = 20_000
"""Milliseconds before a page is opened anew."""
MADE = "img[src=x], [onerror]"
"""What the texts would be if they were markup."""
TABLES = "SELECT count(*) FROM pg_stat_user_tables WHERE schemaname IN ('ledger', 'gateway', 'monitoring')"
SEEN = "SELECT acknowledged_reason FROM monitoring.alerts WHERE alert_id = %s"
SEEN_BY = "UPDATE monitoring.alerts SET acknowledged_by = %s WHERE alert_id = %s RETURNING 1"


@dataclass(frozen=True)
class Injected:
    """The engine after texts that are markup came in by every way there is."""

    engine: RunningEngine
    batch_id: str


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which markup that is taken for one tells so."""
    opened, ran = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB"), list[str]()
    opened.set_default_timeout(WITHIN)
    opened.expose_function("pwned", lambda *_: ran.append("a script of the payload ran"))
    opened.on("dialog", lambda dialog: ran.append(dialog.message))
    yield opened
    assert opened.locator(MADE).count() == 0
    opened.close()
    assert not ran


@pytest.fixture(scope="module")
def injected(engine: RunningEngine) -> Iterator[Injected]:
    with injected_into(engine) as batch_id:
        yield Injected(engine, batch_id)


def show(page: Page, address: str, seen: str) -> None:
    """Open a page of the officers, anew until it shows the text: what it knows may be a minute old."""

    def is_seen() -> bool:
        page.goto(address)
        with suppress(AssertionError):
            expect(page.get_by_test_id("stMain")).to_contain_text(seen, timeout=LOOK)
            return True
        return False

    wait_for(is_seen, seconds=120, what=f"{seen} on {address}")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    assert page.locator(MADE).count() == 0


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (f"decision?id={NAME}", SHORT),
        (f"decision?id={BROKEN}", MARKUP),
        (f"decision?{QueryParams({'id': MARKUP})}", f"There is no application {MARKUP}"),
        ("history?", SHORT),
        (f"history?{QueryParams({'channel': SHORT})}", NAME),
        ("batch?", MARKUP),
        ("batch?batch=", MARKUP),
        ("monitoring?", MARKUP),
        ("model?", MARKUP),
        # The title of a section of the card, and its text.
        ("model?", f"{SHORT}{MARKUP}"),
        # Of an application that there is this page has nothing but numbers.
        (f"whatif?id={NAME}", "With these values"),
        (f"whatif?id={BROKEN}", "cannot decide on these values"),
        (f"whatif?{QueryParams({'id': MARKUP})}", f"There is no application {MARKUP}"),
    ],
)
def test_officers_see_markup_as_text(injected: Injected, page: Page, path: str, seen: str) -> None:
    opened = f"{path}{injected.batch_id}" if path.endswith("batch=") else path
    show(page, f"{injected.engine.ui}/{opened}&lang=en", seen)


@pytest.mark.parametrize("application_id", [NAME, BROKEN, MARKUP])
def test_officers_load_markup_as_text(injected: Injected, page: Page, application_id: str) -> None:
    page.goto(f"{injected.engine.ui}/?lang=en")
    page.locator(".st-key-load-id input").fill(application_id)
    page.locator(".st-key-load-open button").click()
    expect(page.locator(".octroi-note").first).to_contain_text(application_id)
    assert page.locator(MADE).count() == 0
    expect(page.locator(".st-key-submit button")).to_be_visible()


def test_officers_type_markup_into_the_filters(injected: Injected, page: Page) -> None:
    show(page, f"{injected.engine.ui}/history?lang=en", SHORT)
    channel = page.locator(".st-key-history-channel")
    channel.locator("input").fill(SHORT)
    channel.locator("input").press("Enter")
    expect(page).to_have_url(re.compile("channel=%3Cimg"))
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_contain_text(NAME)
    expect(table).to_contain_text(SHORT)
    expect(channel.locator("input")).to_have_value(SHORT)
    assert page.locator(MADE).count() == 0
    page.locator(".st-key-history-id input").fill(MARKUP)
    page.locator(".st-key-history-open button").click()
    expect(page.locator(".octroi-note")).to_contain_text(f"There is no application {MARKUP}")


def test_officers_hand_in_a_file_whose_names_are_markup(injected: Injected, page: Page) -> None:
    page.goto(f"{injected.engine.ui}/batch?lang=en")
    rows = f"AMT_CREDIT,{SHORT}\n1000,{SHORT}\n".encode()
    file = page.locator("input[type=file]")
    file.set_input_files({"name": f"{SHORT}.csv", "mimeType": "text/csv", "buffer": rows})
    expect(page.get_by_role("button", name=f"Remove {SHORT}.csv")).to_be_visible()
    page.locator(".st-key-batch-start button").click()
    expect(page.locator(".octroi-faults")).to_contain_text(SHORT)


def test_operators_see_markup_as_text(injected: Injected, page: Page) -> None:
    engine = injected.engine
    tables = query(engine, TABLES)
    window = {"window": MARKUP, "segment": SHORT, "feature": MARKUP}
    for address in (engine.monitoring, f"{engine.monitoring}/?{QueryParams(window)}"):
        page.goto(address)
        page.get_by_label("with cleared").check()
        cleared = page.locator("#alert-list .alert[data-state=cleared]", has_text=MARKUP)
        expect(cleared.locator("strong")).to_have_text(SHORT)
        expect(cleared.locator(".alert-head .quiet")).to_have_text(SHORT)
        expect(page.locator("#dead-letter-list")).to_contain_text(MARKUP)
        expect(page.locator("#dead-letter-list")).to_contain_text(SHORT)
        assert page.locator(MADE).count() == 0
    assert query(engine, TABLES) == tables


def test_operators_give_reasons_that_are_markup(injected: Injected, page: Page) -> None:
    engine = injected.engine
    page.goto(engine.monitoring)
    told, alerts = page.locator("#told"), page.locator("#alert-list")
    for action, reason in zip(("Acknowledge", "Silence"), REASONS, strict=True):
        page.get_by_role("button", name=f"{action}: {SHORT}").click()
        expect(page.locator("#reason-text")).to_have_text(MARKUP)
        page.locator("#reason-field").fill(reason)
        page.locator("#reason-confirm").click()
        if action == "Acknowledge":
            page.locator("#key-field").fill(engine.api_key)
            page.locator("#key-field").press("Enter")
        expect(told).to_have_text(f"The alert is {action.lower()}d.")
        expect(alerts).to_contain_text(f": {reason}")
        assert query(engine, SEEN, ALERT_ID) == [(reason,)]
        assert page.locator(MADE).count() == 0
    query(engine, SEEN_BY, SHORT, ALERT_ID)
    page.reload()
    expect(alerts).to_contain_text(f"acknowledged by {SHORT} ")
    expect(alerts).to_contain_text(REASONS[1])
    assert page.locator(MADE).count() == 0
    show(page, f"{engine.ui}/monitoring?lang=en", f"by {SHORT}")
