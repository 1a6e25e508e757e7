"""The page that describes the interface is whole without the rest of the internet."""

import re

from tests.unit.gateway.fakes import FakeGateway

REFERENCE = re.compile(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""")


async def test_what_the_page_loads_is_here(gateway: FakeGateway) -> None:
    async with gateway.client() as client:
        page = await client.get("/docs")
        loaded = {found for pair in REFERENCE.findall(page.text) for found in pair if found} - {"data:,"}
        answers = {name: await client.get(f"/{name}") for name in loaded}
    assert {name: answer.headers["content-type"] for name, answer in answers.items()} == {
        "docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "docs/swagger-ui.css": "text/css; charset=utf-8",
        "openapi.json": "application/json",
    }
    assert {answer.status_code for answer in answers.values()} == {200}
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
