"""Whatever is on a topic, every reader gets past it and accounts for it. Longer: `make fuzz`."""

import pytest

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
        assert told.refused + told.held or told.handled == EACH
