"""Whatever is on a topic, every reader gets past it and accounts for it. Longer: `make fuzz`."""

from pathlib import Path

import pytest

from tests.fuzz import guiding
from tests.fuzz.messages import read_mutated
from tests.fuzz.readers import Reader, readers
from tests.unit.monitoring.population import champion_of, sample, watched_of

EACH = 600


@pytest.fixture(scope="module")
def every_reader(tmp_path_factory: pytest.TempPathFactory) -> list[Reader]:
    return readers(champion_of(watched_of(sample(tmp_path_factory.mktemp("sample"), 2000))))


def test_every_mutated_record_is_accounted_for(every_reader: list[Reader]) -> None:
    for reader in every_reader:
        told = read_mutated(reader, count=EACH, seed=1)
        assert told.accounted, told
        assert told.sent == EACH
        assert told.handled, f"{told}: no record was nearly right"


@pytest.mark.skipif(not guiding.is_installed(), reason=guiding.NOT_INSTALLED)
def test_bytes_that_find_their_own_way_do_no_harm(tmp_path: Path) -> None:
    told = guiding.guide(tmp_path, runs=5_000, seed=1)
    assert told.faultless, told.said
    assert told.reached > 100
