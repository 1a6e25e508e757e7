"""Reads the labelled applications and checks that a model can be learnt from them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.scorecard.catalogue import Catalogue, Matrix
from services.scorecard.columns import CATEGORY_COLUMNS, Columns
from services.scorecard.performance import Defaulted
from services.scorecard.table import TableError, columns_of_batch, identifiers_of, read_batches
from services.scorecard.words import KNOWN_WORDS, UNKNOWN
from services.training.errors import TrainingError

FILE_NAME: Final = "application_train.csv"
TARGET: Final = "TARGET"
LEAST_ROWS: Final = 2000
"""Fewer make no leaf of the weight that `fit` asks for."""
LEAST_OF_EACH_PER_FOLD: Final = 5
_MOST_WORDS: Final = 10
"""Known words that a message names: of organisations there are 57."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledData:
    """Features of applications and what the loans did."""

    matrix: Matrix
    """All features of the catalogue, shape (rows, features)."""
    defaulted: Defaulted
    identifiers: NDArray[np.int64]
    """SK_ID_CURR of each row."""
    fingerprint: str
    """SHA-256 of the file, in hex."""
    unknown_words: Mapping[str, int] = field(default_factory=dict)
    """Rows of the whole file, by column, whose word the catalogue does not know: they count as empty."""

    def part(self, rows: NDArray[np.bool_]) -> "LabelledData":
        """Return some of the rows."""
        return replace(
            self,
            matrix=self.matrix[rows],
            defaulted=self.defaulted[rows],
            identifiers=self.identifiers[rows],
        )


def read(folder: Path, catalogue: Catalogue, folds: int) -> LabelledData:
    """Read application_train.csv. Raises TrainingError when it is not there, not readable or not enough."""
    file = folder / FILE_NAME
    if not file.is_file():
        raise TrainingError(f"{file}: is not there; name the folder that holds {FILE_NAME} with --data")
    try:
        parts = list(_parts(file, catalogue))
        fingerprint = _fingerprint(file)
    except TableError as error:
        raise TrainingError(f"{file}: {error}") from error
    except OSError as error:
        raise TrainingError(
            f"{file}: cannot be read ({error}); check the file and who may read it"
        ) from error
    rows = sum(len(part.defaulted) for part in parts)
    check_counts(rows, sum(int(part.defaulted.sum()) for part in parts), folds)
    matrix = np.concatenate([part.matrix for part in parts])
    unknown = sum((part.unknown_words for part in parts), Counter[str]())
    check_columns(matrix, catalogue, unknown)
    return LabelledData(
        matrix=matrix,
        defaulted=np.concatenate([part.defaulted for part in parts]),
        identifiers=np.concatenate([part.identifiers for part in parts]),
        fingerprint=fingerprint,
        unknown_words=dict(unknown),
    )


def check_counts(rows: int, defaults: int, folds: int) -> None:
    """Raise TrainingError when there is too little to learn from and to judge by."""
    if rows < LEAST_ROWS:
        raise TrainingError(
            f"{FILE_NAME}: has {rows} rows, training needs {LEAST_ROWS}; pass more applications"
        )
    least = LEAST_OF_EACH_PER_FOLD * folds
    for value, count in ((1, defaults), (0, rows - defaults)):
        if count < least:
            raise TrainingError(
                f"{TARGET}: is {value} in {count} of {rows} rows, and training on {folds} folds needs "
                f"{least} of each kind; pass more such applications"
            )


def check_parts(seen: LabelledData, unseen: LabelledData, folds: int) -> None:
    """Raise TrainingError when what was set apart, or what was left, has too few of a kind."""
    least = {"set apart": (unseen, LEAST_OF_EACH_PER_FOLD), "left": (seen, LEAST_OF_EACH_PER_FOLD * folds)}
    for name, (part, needed) in least.items():
        fewest = min(int(part.defaulted.sum()), int((~part.defaulted).sum()))
        if fewest < needed:
            raise TrainingError(
                f"--test-share: of the rows {name}, {fewest} are of the rarer kind of {TARGET}, and {needed} "
                "are needed; pass more applications, or another share"
            )


def check_columns(matrix: Matrix, catalogue: Catalogue, unknown_words: Mapping[str, int]) -> None:
    """Raise TrainingError for columns of the table that have no value, or no known word, in any row."""
    empty = {
        definition.name
        for definition, column in zip(catalogue.definitions, matrix.T, strict=True)
        if definition.sources == (definition.name,) and np.isnan(column).all()
    }
    for name in sorted(empty & unknown_words.keys()):
        known, more = KNOWN_WORDS[name][:_MOST_WORDS], len(KNOWN_WORDS[name]) - _MOST_WORDS
        raise TrainingError(
            f"{FILE_NAME}: {name}: has no word that this release knows; known are {', '.join(known)}"
            f"{f' and {more} more' if more > 0 else ''}; write them as the source table does"
        )
    if empty:
        raise TrainingError(
            f"{FILE_NAME}: has no value at all in {', '.join(sorted(empty))}; export the table anew"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    matrix: Matrix
    defaulted: Defaulted
    identifiers: NDArray[np.int64]
    unknown_words: Counter[str]


def _parts(file: Path, catalogue: Catalogue) -> Iterator[_Part]:
    for batch in read_batches(file, include=(TARGET,)):
        columns = columns_of_batch(batch)
        yield _Part(
            catalogue.compute(columns), _defaulted(batch), identifiers_of(batch), _unknown_words(columns)
        )


def _unknown_words(columns: Columns) -> Counter[str]:
    rows = (columns.codes == UNKNOWN).sum(axis=1).tolist()
    return Counter({name: count for name, count in zip(CATEGORY_COLUMNS, rows, strict=True) if count})


def _defaulted(batch: pa.RecordBatch) -> Defaulted:
    labels = batch.column(TARGET).to_numpy(zero_copy_only=False)
    if not np.isin(labels, (0, 1)).all():
        raise TrainingError(f"{TARGET}: must be 0 or 1 in every row; correct or remove the others")
    return np.asarray(labels == 1)


def _fingerprint(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()
