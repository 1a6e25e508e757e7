import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.gateway.access import RateLimit
from services.gateway.application import create_application
from services.gateway.settings import GatewaySettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from tests.unit.gateway.conftest import NOW
from tests.unit.gateway.fakes import FakeGateway

PROTECTED = [
    ("POST", "/v1/applications", Role.SUBMIT),
    ("POST", "/v1/applications:batch", Role.SUBMIT),
    ("POST", "/v1/applications:dry-run", Role.SUBMIT),
    ("POST", "/v1/batches", Role.SUBMIT),
    ("POST", "/v1/batches/b-1:cancel", Role.SUBMIT),
    ("GET", "/v1/batches", Role.READ),
    ("GET", "/v1/batches/b-1", Role.READ),
    ("GET", "/v1/batches/b-1/results", Role.READ),
    ("GET", "/v1/batches/b-1/errors", Role.READ),
    ("GET", "/v1/applications", Role.READ),
    ("GET", "/v1/applications/a-1", Role.READ),
    ("GET", "/v1/applications/a-1/events", Role.READ),
]


def gateway_with(key_file: Path, *roles: Role) -> tuple[FakeGateway, str]:
    shown, kept = make_key(*roles, now=NOW)
    write_keys(key_file, [kept])
    return FakeGateway(GatewaySettings(api_keys_file=key_file), KeyRing(key_file)), shown


def hold_to(gateway: FakeGateway, requests: int) -> None:
    """Allow so many requests in a window that does not end within a test."""
    gateway.parts = replace(gateway.parts, rate=RateLimit(requests, seconds=3600))
    gateway.application = create_application(gateway.parts)


def test_every_route_of_the_interface_is_protected(gateway: FakeGateway) -> None:
    described = gateway.application.openapi()["paths"]
    routes = {(method.upper(), path) for path, methods in described.items() for method in methods}
    names = {"a-1": "{application_id}", "b-1": "{batch_id}"}
    listed = {
        (method, re.sub("[ab]-1", lambda found: names[found[0]], path)) for method, path, _ in PROTECTED
    }
    assert routes == listed


@pytest.mark.parametrize(("method", "path", "role"), PROTECTED)
async def test_no_key_or_a_wrong_one_is_401(gateway: FakeGateway, method: str, path: str, role: Role) -> None:
    assert role
    async with gateway.client() as client:
        for headers in ({}, {"X-API-Key": "octroi_wrong"}, {"Authorization": "Basic YTpi"}):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["type"] == "urn:octroi:problem:unauthorized"


@pytest.mark.parametrize(("method", "path", "role"), PROTECTED)
async def test_a_key_without_the_role_is_403(key_file: Path, method: str, path: str, role: Role) -> None:
    gateway, key = gateway_with(key_file, *(set(Role) - {role}))
    async with gateway.client(key) as client:
        answer = await client.request(method, path)
    assert answer.status_code == 403
    assert role in answer.json()["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_a_key_may_come_as_bearer_token(gateway: FakeGateway, key: str, scheme: str) -> None:
    async with gateway.client() as client:
        answer = await client.get("/v1/applications", headers={"Authorization": f"{scheme} {key}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/health/live", "/health/ready", "/metrics"])
async def test_documents_and_probes_are_open(gateway: FakeGateway, path: str) -> None:
    async with gateway.client() as client:
        assert (await client.get(path)).status_code == 200


async def test_a_key_is_held_to_its_rate_and_told_what_is_left(key_file: Path) -> None:
    gateway, key = gateway_with(key_file, Role.READ)
    hold_to(gateway, 2)
    async with gateway.client(key) as client:
        answers = [await client.get("/v1/applications") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=2;w=3600'
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600


async def test_another_key_has_its_own_rate(key_file: Path) -> None:
    (first, kept), (second, kept_too) = (make_key(Role.READ, now=NOW) for _ in range(2))
    write_keys(key_file, [kept, kept_too])
    gateway = FakeGateway(GatewaySettings(api_keys_file=key_file), KeyRing(key_file))
    hold_to(gateway, 1)
    async with gateway.client() as client:
        answers = [
            await client.get("/v1/applications", headers={"X-API-Key": key}) for key in (first, first, second)
        ]
    assert [answer.status_code for answer in answers] == [200, 429, 200]


async def test_problems_carry_the_rate_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/applications/unknown")
    assert answer.status_code == 404
    assert "RateLimit" in answer.headers
