"""The command line."""

from pathlib import Path

import pytest

from services.scorecard.bundle import Costs
from services.training.command_line import parse
from services.training.fit_trees import Fitting


def test_only_the_data_is_required() -> None:
    options = parse(["--data", "folder"])
    assert options.data == Path("folder")
    assert options.costs == Costs()
    assert options.model_name == "octroi-scorecard"


def test_the_model_is_named_by_the_environment_unless_told() -> None:
    assert parse(["--data", "folder"], model_name="another").model_name == "another"
    assert parse(["--data", "folder", "--model-name", "told"], model_name="another").model_name == "told"


def test_quick_takes_fewer_trees_unless_told() -> None:
    quick = parse(["--data", "folder", "--quick"]).fitting
    assert quick.trees < parse(["--data", "folder"]).fitting.trees
    told = parse(["--data", "folder", "--quick", "--trees", "7", "--rate", "0.5", "--seed", "3"]).fitting
    assert told == Fitting(trees=7, rate=0.5, seed=3, features=80, ridge=2000)


def test_everything_about_a_fit_can_be_told() -> None:
    told = parse(["--data", "f", "--features", "9", "--ridge", "50", "--unconstrained", "--repeats", "2"])
    assert (told.fitting.features, told.fitting.ridge, told.fitting.constrained) == (9, 50, False)
    assert told.repeats == 2
    assert parse(["--data", "folder"]).fitting.constrained


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "required: --data"),
        (["--folds", "1"], "argument --folds: '1' is not a whole number of at least 2"),
        (["--trees", "many"], "argument --trees: 'many' is not a whole number of at least 1"),
        (["--cost-false-negative", "0"], "argument --cost-false-negative: '0' is not a number above 0"),
        (["--repeats", "0"], "argument --repeats: '0' is not a whole number of at least 1"),
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
        "--repeats",
        "--features",
        "--ridge",
        "--unconstrained",
        "--model-name",
        "--experiment",
        "--unless-champion",
        "MLFLOW_TRACKING_URI",
    ):
        assert option in said
