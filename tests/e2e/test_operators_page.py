"""The operators' page in a real browser, on the whole engine."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.following import Outsider, query, wait_for
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]

FIVE_MINUTES = 300_000


@pytest.fixture(scope="module")
def busy(engine: RunningEngine) -> RunningEngine:
    """The engine after a replay and a record that nobody can read, as monitoring has seen them."""
    replay = engine.run("services.replay", "--file", str(engine.data / "application_test.csv"))
    assert replay.returncode == 0, replay.stdout + replay.stderr
    Outsider(engine).send("loan.applications.v1", b"not json")
    wait_for(lambda: bool(alerts(engine)), seconds=60, what="an alert of the dead letter")
    return engine


def alerts(engine: RunningEngine) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = httpx.get(f"{engine.monitoring}/v1/alerts", timeout=30).json()["alerts"]
    return [alert for alert in listed if alert["rule"] == "dead-letters"]


def test_the_page_shows_the_replay_and_a_feature_that_is_in_its_address(
    busy: RunningEngine, page: Page, tmp_path: Path
) -> None:
    page.goto(busy.monitoring)
    tiles = page.locator("#tiles")
    champion = httpx.get(f"{busy.monitoring}/v1/pipeline", timeout=30).json()["champion"]
    summary: dict[str, Any] = {}

    def tiles_tell_the_summary() -> bool:
        # Some of what was replayed may still be counted, and the page follows.
        summary.update(httpx.get(f"{busy.monitoring}/v1/summary", timeout=30).json())
        decisions, told = summary["decisions"], tiles.text_content() or ""
        approved = f"{decisions['approved']:.1%}".replace("%", "\u202f%")
        return f"of {decisions['rows']:,} decisions" in told and approved in told

    wait_for(tiles_tell_the_summary, seconds=120, what="the tiles to tell what the interface does")
    expect(tiles).to_contain_text(f"Championv{champion['version']}")
    expect(tiles).to_contain_text("firing")
    expect(page.locator("#features button")).to_have_count(len(summary["features"]))
    feature = page.locator("#features button").nth(1)
    feature.hover()
    name = str(feature.get_attribute("data-key"))
    feature.click()
    expect(page).to_have_url(re.compile(f"[?&]feature={name}(&|$)"))
    page.reload()
    expect(page.locator("#feature-name")).to_have_text(name)
    expect(page.locator("#plot-distribution .bars path").first).to_be_visible()
    expect(page.locator("#stages")).to_have_text(re.compile("feature0scoring0ledger0monitoring0"))
    page.screenshot(path=tmp_path / "feature.png", full_page=True)
    page.go_back()
    expect(page.locator("#feature")).to_be_hidden()


def test_features_stay_where_they_are_under_the_pointer(busy: RunningEngine, page: Page) -> None:
    summary = httpx.get(f"{busy.monitoring}/v1/summary", timeout=30).json()
    page.route("**/v1/summary?*", lambda route: route.fulfill(json=summary))
    page.goto(busy.monitoring)
    names = page.locator("#features .name")
    expect(names).to_have_count(len(summary["features"]))
    # The last tile that comes moves what is below it.
    expect(page.locator("#tiles")).to_contain_text("since")
    page.locator("#refresh").select_option("5")
    names.first.hover()
    before = names.all_text_contents()
    (weakest,) = (feature for feature in summary["features"] if feature["name"] == before[-1])
    weakest["distance"] = 9.0
    expect(page.locator("#features .distance").last).to_have_text("9.000")
    assert names.all_text_contents() == before
    page.mouse.move(0, 0)
    expect(names.first).to_have_text(before[-1])


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1440, "light"), (2200, "dark")])
def test_the_page_fits_narrow_and_wide_windows(
    busy: RunningEngine, page: Page, tmp_path: Path, width: int, scheme: Literal["dark", "light"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(busy.monitoring)
    expect(page.locator("#alert-list")).to_contain_text("could not be read")
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.screenshot(path=tmp_path / f"{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("asked", ["1h", "7d"])
def test_a_short_history_fills_the_charts_of_any_range(busy: RunningEngine, page: Page, asked: str) -> None:
    week = {"from": (datetime.now(UTC) - timedelta(days=7)).isoformat()}
    history = httpx.get(f"{busy.monitoring}/v1/history", params=week, timeout=30).json()
    assert (history["grain"], len(history["times"]) > 1) == ("raw", True)
    page.goto(f"{busy.monitoring}/?range={asked}")
    expect(page.locator("#drift-grain")).to_contain_text("history begins")
    expect(page.locator("#plot-drift.js-plotly-plot")).to_be_attached()
    begins, ends = page.evaluate("document.getElementById('plot-drift').layout.xaxis.range.map(Date.parse)")
    first = page.evaluate("time => Date.parse(time)", history["times"][0])
    assert begins >= min(first, ends - FIVE_MINUTES) - 60_000
    assert ends - begins >= FIVE_MINUTES


def test_charts_below_the_window_are_drawn_without_scrolling(busy: RunningEngine, page: Page) -> None:
    page.goto(busy.monitoring)
    for name in ("drift", "score", "reasons", "expected"):
        expect(page.locator(f"#plot-{name}.js-plotly-plot")).to_be_attached()
    assert page.evaluate("window.scrollY") == 0


def test_intervals_are_told_in_numbers_that_people_read(busy: RunningEngine, page: Page) -> None:
    distribution = {
        "name": "AMT_CREDIT",
        "labels": ["-6.084e+05 to 0", "0 to 0", "0 to 2.06e+06"],
        "reference": [0.2, 0.3, 0.5],
        "current": [0.2, 0.3, 0.5],
        "missing": 0,
        "missing_reference": 0,
    }
    page.route("**/v1/features/AMT_CREDIT*", lambda route: route.fulfill(json=distribution))
    page.goto(f"{busy.monitoring}/?feature=AMT_CREDIT")
    chart = page.locator("#plot-distribution")
    expect(chart.locator(".xtick text")).to_have_text(["\u2212608k", "0", "0", "2.06M"])
    told = page.evaluate("document.getElementById('plot-distribution').data[0].customdata")
    assert [interval for interval, _ in told] == ["\u2212608k to 0", "0", "0 to 2.06M"]


def test_segments_are_grouped_by_kind(busy: RunningEngine, page: Page) -> None:
    told = httpx.get(f"{busy.monitoring}/v1/windows", timeout=30).json()
    told["segments"] = ["all", "branch", "contract:Cash loans", "web"]
    page.route("**/v1/windows", lambda route: route.fulfill(json=told))
    page.goto(busy.monitoring)
    segments = page.locator("#segment")
    expect(segments.locator("optgroup[label='Channel'] option")).to_have_text(["branch", "web"])
    expect(segments.locator("optgroup[label='Contract type'] option")).to_have_text(["Cash loans"])
    segments.select_option("contract:Cash loans")
    expect(page).to_have_url(re.compile("segment=contract%3ACash"))


def test_retraining_tells_how_to_switch_it_on_and_which_alert_asked(
    busy: RunningEngine, page: Page, tmp_path: Path
) -> None:
    panel = page.locator("#trainings")
    page.goto(busy.monitoring)
    expect(panel).to_contain_text("OCTROI_MONITORING_RETRAIN=")
    training = alerts(busy)[0]["alert_id"]
    said = "fits\nmodel version 9 is registered without a role. Refused: latency.\ndone after 3 s"
    query(
        busy,
        "INSERT INTO monitoring.trainings VALUES (%s, now(), 'done', now(), now(), 1, %s) RETURNING state",
        *(training, said),
    )
    try:
        page.reload()
        expect(panel.locator("li")).to_contain_text("refused by the gate")
        expect(panel.locator("li")).to_contain_text("Refused: latency.")
        expect(panel.locator("li")).to_contain_text("Asked for by dead-letters, Dead letters:")
        page.screenshot(path=tmp_path / "training.png", full_page=True)
    finally:
        query(busy, "DELETE FROM monitoring.trainings WHERE training_id = %s RETURNING state", training)


def test_an_alert_is_acknowledged_with_a_key_and_not_without(
    busy: RunningEngine, page: Page, tmp_path: Path
) -> None:
    page.goto(busy.monitoring)
    acknowledge = page.get_by_role("button", name="Acknowledge: Dead letters")
    told, field = page.locator("#told"), page.locator("#key-field")

    def give_reason() -> None:
        acknowledge.click()
        page.locator("#reason-field").fill("a producer was wrong")
        page.locator("#reason-confirm").click()

    give_reason()
    page.locator("#key-dialog [data-cancel]").click()
    expect(told).to_have_text("Nothing was changed: no key was given.")
    give_reason()
    field.fill("not-a-key")
    field.press("Enter")
    expect(page.locator("#key-refusal")).to_contain_text("it is not known")
    assert [alert["acknowledged_by"] for alert in alerts(busy)] == [None]
    page.screenshot(path=tmp_path / "refused.png")
    field.fill(busy.api_key)
    field.press("Enter")
    expect(told).to_have_text("The alert is acknowledged.")
    expect(page.locator("#alert-list")).to_contain_text("a producer was wrong")
    expect(acknowledge).to_have_count(0)
    page.screenshot(path=tmp_path / "acknowledged.png")
    (alert,) = alerts(busy)
    assert (alert["acknowledged_reason"], alert["silenced_until"]) == ("a producer was wrong", None)


def test_a_report_is_asked_for_and_read_in_its_frame(busy: RunningEngine, page: Page, tmp_path: Path) -> None:
    made = httpx.post(f"{busy.monitoring}/v1/reports", headers={"X-API-Key": busy.api_key}, timeout=30)
    report = f'[data-key="{made.raise_for_status().json()["report_id"]}"]'
    page.goto(busy.monitoring)
    page.locator(report).click()
    frame = page.frame_locator("#report-frame iframe")
    expect(frame.locator("body")).to_contain_text("Dataset Drift")
    page.screenshot(path=tmp_path / "report.png")
