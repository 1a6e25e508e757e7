"""The engine in one process, which needs a PostgreSQL and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from services.kit.key_file import Role, make_key, write_keys
from services.scorecard.bundle import to_files
from services.scoring.cache import BundleCache
from tests.engine import free_port
from tests.models import small_bundle


def single_environment(folder: Path, database: str) -> dict[str, str]:
    """Return its variables, with a model and the key KEY in `folder`."""
    key, kept = make_key(Role.SUBMIT, Role.READ, now=datetime.now(UTC))
    write_keys(folder / "keys", [kept])
    BundleCache(folder / "bundles").keep("7", to_files(small_bundle()))
    return {
        "OCTROI_MODE": "single",
        "OCTROI_BUNDLE": str(folder / "bundles" / "7"),
        "OCTROI_API_KEYS_FILE": str(folder / "keys"),
        "OCTROI_GATEWAY_PORT": str(free_port()),
        "DATABASE_URL": database,
        "KEY": key,
    }
