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


def with_words(table: pa.Table, name: str, change: Callable[[str | None], str | None]) -> pa.Table:
    words = pa.array([change(word) for word in table[name].to_pylist()])
    return table.set_column(table.schema.get_field_index(name), name, words)


def test_words_that_the_catalogue_does_not_know_are_counted(sample: Path, tmp_path: Path) -> None:
    def spelt(word: str | None) -> str | None:
        return "SECONDARY" if word == "Secondary / secondary special" else word

    folder = changed(sample, tmp_path, lambda table: with_words(table, "NAME_EDUCATION_TYPE", spelt))
    written = csv.read_csv(folder / FILE_NAME)["NAME_EDUCATION_TYPE"].to_pylist()
    data = read(folder, CATALOGUE, folds=5)
    assert data.unknown_words == {"NAME_EDUCATION_TYPE": written.count("SECONDARY")}
    assert data.part(data.defaulted).unknown_words == data.unknown_words
    assert read(sample, CATALOGUE, folds=5).unknown_words == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NAME_EDUCATION_TYPE", "known are Lower secondary, Secondary / secondary special, "),
        ("ORGANIZATION_TYPE", "known are Advertising, Agriculture, Bank, Business Entity Type 1, "),
    ],
)
def test_a_column_of_unknown_words_is_told_from_an_empty_one(
    sample: Path, tmp_path: Path, name: str, words: str
) -> None:
    folder = changed(sample, tmp_path, lambda table: with_words(table, name, lambda _: "no such word"))
    with pytest.raises(TrainingError, match=rf"{name}: has no word that this release knows; {words}"):
        read(folder, CATALOGUE, folds=5)


def test_an_empty_column_is_named(sample: Path, tmp_path: Path) -> None:
    folder = changed(sample, tmp_path, lambda table: with_words(table, "NAME_TYPE_SUITE", lambda _: None))
    with pytest.raises(TrainingError, match="has no value at all in NAME_TYPE_SUITE; export the table anew"):
        read(folder, CATALOGUE, folds=5)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"nowhere/application_train\.csv: is not there; name the folder"):
        read(tmp_path / "nowhere", CATALOGUE, folds=5)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x13" * 500])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(TrainingError, match=FILE_NAME):
        read(tmp_path, CATALOGUE, folds=5)
