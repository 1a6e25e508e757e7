from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.gateway.settings import GatewaySettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from tests.unit.gateway.fakes import FakeGateway

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def key(key_file: Path) -> str:
    shown, kept = make_key(Role.SUBMIT, Role.READ, now=NOW)
    write_keys(key_file, [kept])
    return shown


@pytest.fixture
def gateway(key_file: Path, key: str) -> FakeGateway:
    assert key
    return FakeGateway(GatewaySettings(api_keys_file=key_file), KeyRing(key_file))


@pytest.fixture
async def client(gateway: FakeGateway, key: str) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.client(key) as client:
        yield client
