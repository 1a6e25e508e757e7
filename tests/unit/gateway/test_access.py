import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from services.gateway.access import ADDRESS, RateLimit
from services.gateway.application import create_application
from services.gateway.settings import GatewaySettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from tests.contract.openapi import FILE
from tests.unit.gateway.conftest import NOW
from tests.unit.gateway.fakes import FakeGateway

DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
PROTECTED = [
    (
        method.upper(),
        path.format(application_id="a-1", batch_id="b-1"),
        Role(operation["security"][0]["apiKey"][0]),
    )
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
"""Every operation of the OpenAPI document with the role that it says it takes."""
OPEN = {
    "/docs",
    "/docs/swagger-ui-bundle.js",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/health/live",
    "/health/ready",
    "/metrics",
}


def gateway_with(key_file: Path, *roles: Role) -> tuple[FakeGateway, str]:
    shown, kept = make_key(*roles, now=NOW)
    write_keys(key_file, [kept])
    return FakeGateway(GatewaySettings(api_keys_file=key_file), KeyRing(key_file)), shown


def hold_to(gateway: FakeGateway, requests: int) -> None:
    """Allow so many requests in a window that does not end within a test."""
    gateway.parts = replace(gateway.parts, rate=RateLimit(requests, seconds=3600))
    gateway.application = create_application(gateway.parts)


def test_every_route_is_open_on_purpose_or_described_with_one_role(gateway: FakeGateway) -> None:
    described = json.loads(json.dumps(gateway.application.openapi()))["paths"]
    assert described == DOCUMENT["paths"], "make contracts"
    routes = {
        (method, route.path)
        for route in gateway.application.routes
        if isinstance(route, Route | APIRoute) and route.path not in OPEN
        for method in route.methods or ()
    }
    assert routes == {(method.upper(), path) for path, methods in described.items() for method in methods}
    for operation in [operation for methods in described.values() for operation in methods.values()]:
        by_header, by_bearer = operation["security"]
        assert len(by_header["apiKey"]) == 1
        assert by_header["apiKey"] == by_bearer["bearer"]
    assert {role for _, _, role in PROTECTED} == {Role.SUBMIT, Role.READ}


@pytest.mark.parametrize(("method", "path", "role"), PROTECTED)
async def test_no_key_or_a_wrong_one_is_401(gateway: FakeGateway, method: str, path: str, role: Role) -> None:
    assert role
    async with gateway.client() as client:
        for headers in ({}, {"X-API-Key": "octroi_wrong"}, {"Authorization": "Basic YTpi"}):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["type"] == "urn:octroi:problem:unauthorized"


@pytest.mark.parametrize("held", list(Role))
@pytest.mark.parametrize(("method", "path", "role"), PROTECTED)
async def test_a_key_opens_what_takes_its_role_and_nothing_else(
    key_file: Path, method: str, path: str, role: Role, held: Role
) -> None:
    gateway, key = gateway_with(key_file, held)
    async with gateway.client(key) as client:
        answer = await client.request(method, path)
    if held is role:
        assert answer.status_code not in {401, 403, 500}
    else:
        assert answer.status_code == 403
        assert role in answer.json()["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_a_key_may_come_as_bearer_token(gateway: FakeGateway, key: str, scheme: str) -> None:
    async with gateway.client() as client:
        answer = await client.get("/v1/applications", headers={"Authorization": f"{scheme} {key}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", sorted(OPEN))
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


async def test_an_address_without_a_key_is_held_back_and_keys_behind_it_are_not(
    gateway: FakeGateway, key: str
) -> None:
    gateway.parts = replace(gateway.parts, refused=RateLimit(2, 3600, ADDRESS))
    gateway.application = create_application(gateway.parts)
    async with gateway.client() as client:
        answers = [
            await client.get("/v1/applications", headers=headers)
            for headers in ({}, {"X-API-Key": "octroi_wrong"}, {"X-API-Key": "octroi_other"}, {})
        ]
        with_key = await client.get("/v1/applications", headers={"X-API-Key": key})
        probe = await client.get("/health/ready")
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=2;w=3600'
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert "without an active API key" in answers[2].json()["detail"]
    assert (with_key.status_code, probe.status_code) == (200, 200)


async def test_problems_carry_the_rate_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/applications/unknown")
    assert answer.status_code == 404
    assert "RateLimit" in answer.headers
