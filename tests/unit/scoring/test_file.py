"""A file's rows get the scores that the stream's decisions have."""

from pathlib import Path

import numpy as np
import pytest

from services.sample.files import write_sample
from services.scorecard.compatibility import bind
from services.scorecard.decide import decide
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import TableError, columns_of_batch, identifiers_of, read_batches
from services.scoring.file import score_file, scored
from tests.models import small_bundle

CATALOGUE = standard_catalogue()


def test_scores_are_those_of_the_decisions(tmp_path: Path) -> None:
    write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    model = ready(small_bundle(), load_policy(), CATALOGUE)
    [applications] = read_batches(tmp_path / "application_train.csv")
    [scores] = scored([applications], model, CATALOGUE)
    matrix = CATALOGUE.compute(columns_of_batch(applications))[:, bind(model.required, CATALOGUE.features)]
    decisions = decide(model, matrix)
    assert scores["SK_ID_CURR"].to_pylist() == identifiers_of(applications).tolist()
    np.testing.assert_array_equal(scores["probability_of_default"], decisions.probabilities)
    np.testing.assert_array_equal(scores["score"], decisions.scores)
    assert tuple(scores["outcome"].to_pylist()) == decisions.outcomes


def test_the_output_is_replaced_by_a_whole_one_or_not_at_all(tmp_path: Path) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    model, output = ready(small_bundle(), load_policy(), CATALOGUE), tmp_path / "scores.csv"
    output.write_text("yesterday's")
    damaged = tmp_path / "damaged.csv"
    damaged.write_bytes(train.read_bytes() + b"no,application\n")
    with pytest.raises(TableError):
        score_file(damaged, output, model, CATALOGUE)
    assert output.read_text() == "yesterday's"
    assert score_file(train, output, model, CATALOGUE) == 200
    assert len(output.read_text().splitlines()) == 201
    assert {file for file in tmp_path.iterdir() if file.name.startswith(".")} == set()


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    header, output = tmp_path / "header.csv", tmp_path / "scores.csv"
    header.write_text(train.read_text().splitlines()[0] + "\n")
    with pytest.raises(TableError, match="no rows"):
        score_file(header, output, ready(small_bundle(), load_policy(), CATALOGUE), CATALOGUE)
    assert not output.exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("application_train.csv", "no file that could be replaced"),
        (".", "no file that could be replaced"),
        ("none/scores.csv", "none is no folder; make it"),
    ],
    ids=["the input", "a folder", "in no folder"],
)
def test_what_cannot_be_written_is_told_and_the_input_stays(
    tmp_path: Path, output: str, message: str
) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    before, model = train.read_bytes(), ready(small_bundle(), load_policy(), CATALOGUE)
    with pytest.raises(OSError, match=message):
        score_file(train, tmp_path / output, model, CATALOGUE)
    assert train.read_bytes() == before
