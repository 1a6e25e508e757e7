from pathlib import Path

from services.sample.files import write_sample
from services.scorecard.table import cells_of, read_batches
from tests.benchmarks.champion import Champion
from tests.benchmarks.steps import measure
from tests.models import small_bundle


def test_applications_go_through_every_step(tmp_path: Path) -> None:
    _, file = write_sample(tmp_path, 10, 50, 7)
    rows = [cells for batch in read_batches(file) for cells in cells_of(batch)]
    told = list(measure(Champion(tmp_path, small_bundle()), rows, turn=len(rows)))
    assert {seen.under.partition(":")[0] for seen in told} == {"client", "feature", "scoring", "ledger"}
    assert {seen.unit for seen in told} == {"us/row"}
