import csv
from pathlib import Path

import pytest

from services.contracts.application import LoanApplication
from services.replay.outcomes import outcomes_of
from services.replay.rows import Labelled, labels_of
from services.scorecard.table import TableError

LABELS = (Labelled(100, defaulted=False), Labelled(101, defaulted=None), Labelled(102, defaulted=True))


def table(folder: Path, *targets: str) -> Path:
    """Write a table with the loans' numbers and their labels, if there are any; other cells are empty."""
    file = folder / "applications.csv"
    names = [*LoanApplication.model_fields, *(["TARGET"] if targets else [])]
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        for number, target in enumerate(targets or ("",)):
            writer.writerow({"SK_ID_CURR": 100 + number} | ({"TARGET": target} if targets else {}))
    return file


def test_labels_are_read_by_row_and_a_loan_may_be_without(tmp_path: Path) -> None:
    assert tuple(labels_of(table(tmp_path, "0", "", "1"))) == LABELS


def test_a_file_without_labels_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"the table lacks TARGET; .* 121 names of the contract and TARGET"):
        list(labels_of(table(tmp_path)))


def test_a_label_that_is_neither_is_named_with_its_loan(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"TARGET: must be 0 or 1, or empty \(SK_ID_CURR 101\); correct"):
        list(labels_of(table(tmp_path, "0", "2", "1")))


def test_outcomes_go_to_the_applications_of_their_rows_however_often_these_were_sent() -> None:
    sent = ("replay-1.4.101", "replay-1.0.100", "replay-1.5.102", "replay-1.3.100", "replay-1.2.102")
    told = {event.application_id: event.outcome for event in outcomes_of(LABELS, sent)}
    assert told == {
        "replay-1.0.100": "repaid",
        "replay-1.5.102": "defaulted",
        "replay-1.3.100": "repaid",
        "replay-1.2.102": "defaulted",
    }


def test_another_file_than_the_replayed_one_is_refused() -> None:
    with pytest.raises(TableError, match=r"had another SK_ID_CURR \(207\) where this file has 101"):
        list(outcomes_of(LABELS, ("replay-1.0.100", "replay-1.1.207")))
