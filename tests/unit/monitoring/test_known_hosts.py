"""Nothing is shown under a stranger's name, and probes are answered under any."""

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.monitoring.known_hosts import KnownHosts, is_known
from services.monitoring.settings import MonitoringSettings

KEYS = {"OCTROI_API_KEYS_FILE": "keys"}


async def shown(_: Request) -> Response:
    return PlainTextResponse("shown")


def client(host: str) -> httpx.AsyncClient:
    known = Middleware(KnownHosts, ("localhost", "monitoring"), {"/metrics"})
    application = Starlette(routes=[Route("/v1", shown), Route("/metrics", shown)], middleware=[known])
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://any", headers={"Host": host}
    )


@pytest.mark.parametrize("host", ["localhost", "localhost:8004", "LocalHost.", "monitoring:8000"])
async def test_it_is_shown_under_its_names(host: str) -> None:
    async with client(host) as asking:
        assert (await asking.get("/v1")).text == "shown"


@pytest.mark.parametrize(
    "host", ["rebound.example", "127.0.0.1:8004", "", ":8004", "[::1", "a@localhost", "localhost/a", "."]
)
async def test_a_strangers_name_is_refused_with_the_cure_but_for_free_paths(host: str) -> None:
    async with client(host) as asking:
        refused = await asking.get("/v1")
        assert refused.status_code == 421
        assert "OCTROI_MONITORING_ALLOWED_HOSTS" in refused.json()["detail"]
        assert (await asking.get("/metrics")).text == "shown"


def test_a_star_stands_for_what_comes_before() -> None:
    names = ("*.lender.example",)
    assert is_known("watch.lender.example:443", names)
    assert is_known("a.b.lender.example", names)
    assert not is_known("lender.example", names)
    assert not is_known("watch.lender.example.rebound.example", names)
    assert is_known("whatever", ("*",))


def test_the_settings_name_this_machine_or_what_they_are_told() -> None:
    assert MonitoringSettings.model_validate(KEYS).hosts == ("localhost", "127.0.0.1")
    told = MonitoringSettings.model_validate({**KEYS, "allowed_hosts": "monitoring, *.lender.example"})
    assert told.hosts == ("monitoring", "*.lender.example")


@pytest.mark.parametrize("hosts", ["", "localhost:8004", "http://localhost", "a,,b"])
def test_what_is_no_list_of_names_is_refused(hosts: str) -> None:
    with pytest.raises(ValidationError, match="allowed_hosts"):
        MonitoringSettings.model_validate({**KEYS, "allowed_hosts": hosts})
