"""What training reads, and what it refuses to learn from."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from services.sample.files import write_sample
from services.scorecard.standard import standard_catalogue
from services.training.data import FILE_NAME, TARGET, read
from services.training.errors import TrainingError

CATALOGUE = standard_catalogue()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, rows=2100, unlabelled=1, seed=2)
    return folder


def changed(sample: Path, folder: Path, change: Callable[[pa.Table], pa.Table]) -> Path:
    csv.write_csv(change(csv.read_csv(sample / FILE_NAME)), folder / FILE_NAME)
    return folder


def with_target(table: pa.Table, target: Sequence[object]) -> pa.Table:
    return table.set_column(table.schema.get_field_index(TARGET), TARGET, pa.array(target))


def test_the_whole_catalogue_is_read(sample: Path) -> None:
    data = read(sample, CATALOGUE, folds=5)
    written = csv.read_csv(sample / FILE_NAME)
    assert data.matrix.shape == (2100, len(CATALOGUE.names))
    assert data.defaulted.tolist() == [value == 1 for value in written[TARGET].to_pylist()]
    income = data.matrix[:, CATALOGUE.names.index("AMT_INCOME_TOTAL")]
    assert income == pytest.approx(written["AMT_INCOME_TOTAL"].to_pylist())
    assert data.fingerprint == sha256((sample / FILE_NAME).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda table: table.drop([TARGET]), "the table lacks TARGET"),
        (lambda table: table.drop(["EXT_SOURCE_2"]), "the table lacks EXT_SOURCE_2"),
        (lambda table: table.slice(0, 40), "has 40 rows, training needs 2000; pass more"),
        (lambda table: table.slice(0, 0), "has 0 rows, training needs 2000; pass more"),
        (lambda table: with_target(table, [0] * 2100), "TARGET: is 1 in 0 of 2100 rows"),
        (lambda table: with_target(table, [1] * 2100), "TARGET: is 0 in 0 of 2100 rows"),
        (lambda table: with_target(table, [0, 1] * 1049 + [2, 0]), "TARGET: must be 0 or 1 in every row"),
        (lambda table: with_target(table, [0, 1] * 1049 + [None, 0]), "TARGET: must be 0 or 1 in every row"),
        (lambda table: with_target(table, ["0", "yes"] * 1050), "TARGET: "),
    ],
)
def test_what_cannot_be_learnt_from_is_named(
    sample: Path, tmp_path: Path, change: Callable[[pa.Table], pa.Table], sentence: str
) -> None:
    folder = changed(sample, tmp_path, change)
    with pytest.raises(TrainingError) as raised:
        read(folder, CATALOGUE, folds=5)
    assert sentence in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"nowhere/application_train\.csv: is not there; name the folder"):
        read(tmp_path / "nowhere", CATALOGUE, folds=5)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x13" * 500])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(TrainingError, match=FILE_NAME):
        read(tmp_path, CATALOGUE, folds=5)
