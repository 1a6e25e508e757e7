from pathlib import Path

from services.sample.files import write_sample
from services.scorecard.table import cells_of, read_batches
from tests.benchmarks.champion import Champion
from tests.benchmarks.steps import contestants
from tests.models import small_bundle


def test_applications_go_through_every_step(tmp_path: Path) -> None:
    _, file = write_sample(tmp_path, 10, 50, 7)
    rows = [cells for batch in read_batches(file) for cells in cells_of(batch)]
    steps = contestants(Champion(tmp_path, small_bundle()), rows, turn=len(rows))
    told = {step.name: [seen.unit for seen in step.measure()] for step in steps}
    assert {name.partition(":")[0] for name in told} == {"client", "feature", "scoring", "ledger"}
    assert all(units == ["us/row"] for units in told.values())
