"""The two files of the sample, written as the source table is."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from services.sample.dice import Columns
from services.sample.population import ARRIVING, OBSERVED
from services.sample.rows import applications


def write_sample(folder: Path, rows: int, unlabelled: int, seed: int) -> tuple[Path, Path]:
    """Write application_train.csv and application_test.csv; the same arguments give the same bytes.

    Raises OSError if the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    train, test = _files(folder)
    write_csv(train, applications(OBSERVED, rows, seed))
    write_csv(test, (_without_target(chunk) for chunk in applications(ARRIVING, unlabelled, seed)))
    return train, test


def has_sample(folder: Path) -> bool:
    """Tell whether both files are there, and so complete."""
    return all(file.is_file() for file in _files(folder))


def _files(folder: Path) -> tuple[Path, Path]:
    return folder / "application_train.csv", folder / "application_test.csv"


def write_csv(path: Path, chunks: Iterable[Columns]) -> None:
    """Write chunks of columns as one CSV file, which appears under its name when it is complete."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for number, columns in enumerate(chunks):
            if number == 0:
                file.write(",".join(columns) + "\n")
            file.write("\n".join(_lines(columns)) + "\n")
    part.replace(path)


def _lines(columns: Columns) -> list[str]:
    texts = [_text(pa.array(column, from_pandas=True)) for column in columns.values()]
    joined = pc.binary_join_element_wise(*texts, ",", null_handling="replace", null_replacement="")
    return list(joined.to_pylist())


def _text(column: pa.Array) -> pa.Array:
    """Write cells as the source table does: a whole number among floats as 1.0, quotes round a comma."""
    text = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.match_substring(text, "."), text, pc.binary_join_element_wise(text, "0", "."))
    if pa.types.is_integer(column.type):
        return text
    return pc.if_else(pc.match_substring(text, ","), pc.binary_join_element_wise('"', text, '"', ""), text)


def _without_target(columns: Columns) -> Columns:
    return {name: column for name, column in columns.items() if name != "TARGET"}
