"""The report on the data that a campaign begins with."""

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import Catalogue
from services.scorecard.columns import IDENTIFIER
from services.training.data import FILE_NAME, TARGET, LabelledData
from services.training.errors import TrainingError
from services.training.markdown_text import percent, plain, table

_NAMED = 3


def refuse_duplicates(identifiers: NDArray[np.int64]) -> None:
    """Raise TrainingError when a client stands in two rows: one could be learnt from, the other judged by."""
    clients, counts = np.unique(identifiers, return_counts=True)
    twice = clients[counts > 1]
    if len(twice):
        named = ", ".join(map(str, twice[:_NAMED].tolist()))
        raise TrainingError(
            f"{IDENTIFIER}: {len(twice):,} clients stand in more than one row of {FILE_NAME} ({named}"
            f"{', …' if len(twice) > _NAMED else ''}); keep one row of each"
        )


def unknown_words_told(data: LabelledData) -> str:
    """Return, as part of a sentence, how many cells of which columns have words that no catalogue knows."""
    if not data.unknown_words:
        return "words that this release does not know: none"
    counts = [f"{count:,} in {name}" for name, count in data.unknown_words.items()]
    return f"words that this release does not know, read as empty cells: {', '.join(counts)}"


def data_report(data: LabelledData, catalogue: Catalogue) -> str:
    """Return what the table holds as Markdown: rows, target, and each column's range and missing share."""
    raw = [
        (definition, data.matrix[:, place])
        for place, definition in enumerate(catalogue.definitions)
        if definition.sources == (definition.name,)
    ]
    missing = float(np.mean([np.isnan(column).mean() for _, column in raw]))
    facts = [
        ("SHA-256 of the file", data.fingerprint),
        ("rows", f"{len(data.defaulted):,}"),
        ("columns", f"{len(raw)}"),
        ("clients in more than one row", "0"),
        (f"rows with {TARGET} 1", percent(float(data.defaulted.mean()))),
        ("empty cells", percent(missing)),
    ]
    columns = [
        (
            plain(definition.name),
            percent(float(np.isnan(column).mean())),
            *_spread(column, definition.categories),
        )
        for definition, column in raw
    ]
    head = ("column", "empty", "lowest or words", "median or most frequent", "highest")
    return (
        f"# Data check of {FILE_NAME}\n\nEvery cell is of the type and within the range that the contract "
        f"allows; {unknown_words_told(data)}.\n\n{table(('fact', 'value'), facts, words={0, 1})}\n\n"
        f"{table(head, columns, words={0, 3})}\n"
    )


def _spread(column: NDArray[np.float32], words: tuple[str, ...]) -> tuple[str, str, str]:
    present = column[~np.isnan(column)]
    if words:
        codes, counts = np.unique(present.astype(int), return_counts=True)
        return f"{len(codes)}", plain(words[int(codes[np.argmax(counts)])]), ""
    lowest, middle, highest = np.min(present), np.median(present), np.max(present)
    return f"{lowest:,.6g}", f"{middle:,.6g}", f"{highest:,.6g}"
