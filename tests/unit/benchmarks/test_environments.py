from importlib.metadata import version

import pytest

from tests.benchmarks.environments import ENVIRONMENTS, FASTAPI, PINS, Environment


def pins(environment: Environment) -> dict[str, str]:
    lines = (PINS / f"{environment.name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_every_list_of_pins_is_an_environment() -> None:
    assert {file.stem for file in PINS.glob("*.txt")} == {one.name for one in ENVIRONMENTS}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: one.name)
def test_all_run_the_same_xgboost(environment: Environment) -> None:
    assert pins(environment)["xgboost-cpu"] == version("xgboost-cpu")


def test_what_runs_our_features_has_our_versions() -> None:
    assert {name: version(name) for name in pins(FASTAPI)} == pins(FASTAPI)


def test_one_that_is_not_made_says_how_to_make_it() -> None:
    assert "make bench-environments" in Environment("nobody-made-it").lacks
