"""The command line."""

from pathlib import Path

import pytest

from services.scorecard.bundle import Costs
from services.training.fit import Fitting
from services.training.options import parse


def test_only_the_data_is_required() -> None:
    options = parse(["--data", "folder"])
    assert options.data == Path("folder")
    assert options.costs == Costs()
    assert options.model_name == "octroi-scorecard"


def test_quick_takes_fewer_trees_unless_told() -> None:
    quick = parse(["--data", "folder", "--quick"]).fitting
    assert quick.trees < parse(["--data", "folder"]).fitting.trees
    told = parse(["--data", "folder", "--quick", "--trees", "7", "--rate", "0.5", "--seed", "3"]).fitting
    assert told == Fitting(trees=7, rate=0.5, seed=3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "required: --data"),
        (["--folds", "1"], "argument --folds: '1' is not a whole number of at least 2"),
        (["--trees", "many"], "argument --trees: 'many' is not a whole number of at least 1"),
        (["--cost-false-negative", "0"], "argument --cost-false-negative: '0' is not a number above 0"),
        (["--rate", "nan"], "argument --rate: 'nan' is not a number above 0"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse([*(["--data", "folder"] if arguments else []), *arguments])
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_the_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        parse(["--help"])
    said = capsys.readouterr().out
    for option in (
        "--data",
        "--seed",
        "--folds",
        "--quick",
        "--model-name",
        "--experiment",
        "MLFLOW_TRACKING_URI",
    ):
        assert option in said
