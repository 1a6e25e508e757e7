"""The page that describes the gateway's interface, in a real browser that reaches nothing but the gateway."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]


def test_the_interface_is_described_and_tried_without_loading_anything_from_elsewhere(
    engine: RunningEngine, page: Page
) -> None:
    elsewhere: list[str] = []

    def only_the_gateway(route: Route) -> None:
        if route.request.url.startswith((engine.gateway, "data:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", only_the_gateway)
    page.goto(f"{engine.gateway}/docs")
    submitting = page.locator(".opblock", has_text="/v1/applications").first
    submitting.click()
    expect(submitting.get_by_role("button", name="Try it out")).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_text("apiKey (apiKey)")).to_be_visible()
    assert elsewhere == []
