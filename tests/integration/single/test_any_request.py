"""Whatever is sent to the gateway, it answers as its OpenAPI document says. Longer: `make fuzz`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.asking import NOT_INSTALLED, Interface, ask, program
from tests.fuzz.scenes import gateway_interface
from tests.integration.ledger.migrating import new_database

pytestmark = pytest.mark.postgres
OPERATIONS = 12


@pytest.fixture
def interface(postgres_url: str, template: str, tmp_path: Path) -> Iterator[Interface]:
    with new_database(postgres_url, template) as url, gateway_interface(tmp_path, url) as served:
        yield served


@pytest.mark.skipif(program() is None, reason=NOT_INSTALLED)
def test_every_answer_is_one_that_is_described(interface: Interface, tmp_path: Path) -> None:
    asked = ask(interface, tmp_path, seed=1, examples=15, phases=("examples", "fuzzing"))
    assert asked.faultless, asked.said
    assert asked.cases > OPERATIONS * 5
