"""Who may look and who may act, over every route that there is. Nothing is behind the interface here."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_file import Role
from services.kit.registered_model import RegisteredModel
from services.monitoring.champion import Champion
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.integration.monitoring.interface import made
from tests.unit.gateway.fakes import NOWHERE

KAFKA_AWAY = KafkaSettings(bootstrap_servers="127.0.0.1:1")
NO_READER = "/v1/stream"
"""Its answer does not end."""


@asynccontextmanager
async def application(folder: Path, role: Role = Role.OPERATE) -> AsyncIterator[tuple[FastAPI, str]]:
    champion = Champion(RegisteredModel(), load_policy(), standard_catalogue())
    database = Database(NOWHERE)
    try:
        async with made(folder, database=database, kafka=KAFKA_AWAY, champion=champion, role=role) as (
            served,
            key,
        ):
            yield served, key
    finally:
        await database.close()


def operations(served: FastAPI) -> list[tuple[str, str, list[str]]]:
    """Return method, an address and the roles of everything that the OpenAPI document describes."""
    return [
        (
            method.upper(),
            path.replace("{partition}", "0").replace("{offset}", "0").replace("{", "").replace("}", ""),
            [role for way in operation.get("security", ()) for role in way.get("apiKey", ())],
        )
        for path, methods in served.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


async def statuses(served: FastAPI, headers: Mapping[str, str], *, acting: bool) -> dict[str, int]:
    """Return what each route that acts, or that shows, answers."""
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://monitoring", headers=headers
    ) as client:
        return {
            path: (await client.request(method, path)).status_code
            for method, path, roles in operations(served)
            if bool(roles) is acting and path != NO_READER
        }


async def test_whatever_is_no_look_takes_the_role_of_operators(tmp_path: Path) -> None:
    async with application(tmp_path) as (served, _):
        found = operations(served)
    assert {method for method, _, roles in found if not roles} == {"GET"}
    assert {tuple(roles) for method, _, roles in found if method != "GET"} == {(Role.OPERATE,)}


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "octroi_wrong"}, {"X-API-Key": ""}])
async def test_nobody_acts_without_a_key(tmp_path: Path, headers: dict[str, str]) -> None:
    async with application(tmp_path) as (served, _):
        assert set((await statuses(served, headers, acting=True)).values()) == {401}


async def test_who_shows_no_key_is_told_how_to(tmp_path: Path) -> None:
    async with application(tmp_path) as (served, _):
        transport = httpx.ASGITransport(served)
        async with httpx.AsyncClient(transport=transport, base_url="http://monitoring") as client:
            answer = await client.post("/v1/reports")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "X-API-Key" in answer.json()["detail"]


async def test_a_key_may_come_as_bearer_token(tmp_path: Path) -> None:
    async with application(tmp_path) as (served, key):
        answered = await statuses(served, {"Authorization": f"Bearer {key}"}, acting=True)
    assert set(answered.values()) <= {404, 422, 503}


@pytest.mark.parametrize("role", list(Role))
async def test_keys_act_by_their_role_alone(tmp_path: Path, role: Role) -> None:
    async with application(tmp_path, role) as (served, key):
        answered = set((await statuses(served, {"X-API-Key": key}, acting=True)).values())
    if role is Role.OPERATE:
        assert answered <= {404, 422, 503}
    else:
        assert answered == {403}


async def test_whoever_reaches_the_port_may_look(tmp_path: Path) -> None:
    async with application(tmp_path) as (served, _):
        assert set((await statuses(served, {}, acting=False)).values()) <= {200, 404, 503}
