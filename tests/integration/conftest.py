"""What integration tests of several rooms start from."""

from collections.abc import Iterator

import pytest

from tests.integration.ledger.migrating import migrate, new_database


@pytest.fixture(scope="module")
def template(postgres_url: str) -> Iterator[str]:
    """URL of a database with all migrations, for others to be copied from."""
    with new_database(postgres_url) as url:
        migrated = migrate(url, "upgrade", "head")
        assert migrated.returncode == 0, migrated.stderr
        yield url
