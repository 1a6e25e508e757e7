"""Write the gateway's OpenAPI document: `python -m tests.contract.openapi`, part of `make contracts`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from services.gateway.settings import GatewaySettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from tests.unit.gateway.fakes import FakeGateway

FILE = Path("docs/contracts/openapi.json")


def text() -> str:
    """Return the document as it is kept."""
    with TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.json"
        write_keys(keys, [make_key(Role.SUBMIT, now=datetime.now(UTC))[1]])
        gateway = FakeGateway(GatewaySettings(api_keys_file=keys), KeyRing(keys))
        return json.dumps(gateway.application.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
