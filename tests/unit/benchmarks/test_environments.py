import ast
import subprocess
import sys
from importlib.metadata import packages_distributions, version

import pytest

from infra.local.settings import REPOSITORY
from tests.benchmarks.environments import ENVIRONMENTS, FASTAPI, MLSERVER, PINS, Environment


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


def test_what_serves_the_registered_model_has_all_that_its_code_imports() -> None:
    distributions = packages_distributions()
    needed = {name for module in imported_by_the_model() for name in distributions.get(module, ())}
    assert {"msgspec", "numpy", "pydantic"} <= needed
    pinned = {name.replace("-", "_") for name in pins(MLSERVER)}
    assert {name.replace("-", "_") for name in needed} <= pinned


def imported_by_the_model() -> set[str]:
    """Return the packages that are there once what the registered model imports of ours is imported."""
    tree = ast.parse((REPOSITORY / "services" / "training" / "served.py").read_text(encoding="utf-8"))
    imports = [node.module for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    ours = ", ".join(module for module in imports if module.startswith("services."))
    # Python itself loads some of what is installed as it starts.
    told = (
        f"import sys; before = {{*sys.modules}}; import {ours}; "
        "print(*{name.partition('.')[0] for name in {*sys.modules} - before})"
    )
    finished = subprocess.run(
        (sys.executable, "-c", told), cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return set(finished.stdout.split())


def test_one_that_is_not_made_says_how_to_make_it() -> None:
    assert "make bench-environments" in Environment("nobody-made-it").lacks
