"""One engine for all end-to-end tests, trained on a small sample, and a browser."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.engine import RunningEngine, running_engine
from tests.parts import part_folder

WITHIN = 120_000
"""Milliseconds that a busy machine may take to show what it has been told."""


@pytest.fixture(scope="session")
def engine() -> Iterator[RunningEngine]:
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: Apache Kafka cannot be started here")
    with pytest.MonkeyPatch.context() as patch, part_folder() as folder:
        # Other tests keep all cores busy meanwhile, and who gives way to all would hardly run.
        patch.setenv("OCTROI_MONITORING_NICENESS", "0")
        with running_engine(folder / "state") as running:
            yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium; of a module, as its loop must end before other loops."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("neither chromium nor google-chrome is installed: the pages cannot be opened here")
    with sync_playwright() as playwright:
        expect.set_options(timeout=WITHIN)
        running = playwright.chromium.launch(executable_path=chromium)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test for what its scripts raise or its own policy forbids."""
    opened, faults = browser.new_page(viewport={"width": 1440, "height": 900}), list[str]()
    opened.set_default_timeout(WITHIN)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
    yield opened
    opened.close()
    assert not faults
