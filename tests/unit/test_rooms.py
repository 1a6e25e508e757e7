"""The rooms of services/: who may import whom, and where the heavy libraries are, over every import there is.

To give a room more, change the rules below and say why in a decision record.
"""

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest

SERVICES = Path(__file__).parents[2] / "services"

SHARED_ROOMS = {"contracts": set[str](), "scorecard": {"contracts"}, "kit": set[str]()}
"""The rooms that every service may import, and what they may import themselves."""

COMPOSED_ROOMS = {"single": {"gateway", "feature", "scoring", "ledger"}}
"""The rooms that are other services in one process, and which."""

HEAVY_LIBRARIES = {
    "evidently": {"monitoring/drift_report.py"},
    "fastapi": {"gateway", "monitoring"},
    "mlflow": {"training"},
    "plotly": {"monitoring", "training", "ui"},
    "psycopg": {
        "kit/database.py",
        "kit/database_settings.py",
        "kit/postgres_errors.py",
        "gateway",
        "ledger",
        "replay",
    },
    "pyarrow": {
        "scorecard/table.py",
        "training",
        "sample/files.py",
        "scoring/file.py",
        "replay",
        "ui/parquet_process.py",
    },
    "sqlalchemy": set(),
    "streamlit": {"ui"},
    "xgboost": {"scorecard/booster.py", "training"},
}
"""The rooms, or the modules of a room, that may import a library."""

LEVELS = 2


class Import(NamedTuple):
    """An imported name and where it stands."""

    name: str
    line: int
    in_function: bool


def imports(tree: ast.Module, package: tuple[str, ...]) -> Iterator[Import]:
    """Yield every import of a module in `package`, with relative names made absolute."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, functions)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            origin = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(name, node.lineno, id(node) in inside) for name in names)


def violations(path: PurePosixPath, source: str) -> list[str]:
    """Return what is against the rules in the module at `path`, seen from services/."""
    package = ("services", *path.parent.parts)
    found = [f"{path}: is deeper than services/<room>/<module>.py"] if len(path.parts) > LEVELS else []
    for name, line, in_function in imports(ast.parse(source), package):
        if in_function:
            found.append(f"{path}:{line}: imports {name} inside a function")
        if not may_import(path, name):
            found.append(f"{path}:{line}: may not import {name}")
    return found


def may_import(path: PurePosixPath, name: str) -> bool:
    """Return whether the module at `path` may import `name`."""
    library, *rest = name.split(".")
    if library == "services":
        room = path.parts[0]
        allowed = {room} | SHARED_ROOMS.get(room, set(SHARED_ROOMS)) | COMPOSED_ROOMS.get(room, set())
        return len(path.parts) > 1 and bool(rest) and rest[0] in allowed
    places = HEAVY_LIBRARIES.get(library)
    return places is None or bool(places & {path.parts[0], path.as_posix()})


def test_every_module_keeps_to_its_room() -> None:
    modules = sorted(SERVICES.rglob("*.py"))
    assert {"contracts", "scorecard", "kit"} <= {module.parent.name for module in modules}
    found = [
        violation
        for module in modules
        for violation in violations(PurePosixPath(module.relative_to(SERVICES)), module.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("contracts/codec.py", "import services.kit.stream", "may not import services.kit.stream"),
        ("contracts/codec.py", "from services import scorecard", "may not import services.scorecard"),
        ("contracts/codec.py", "from ..kit import stream", "may not import services.kit.stream"),
        ("contracts/codec.py", "from .. import kit", "may not import services.kit"),
        (
            "kit/stream.py",
            "from services.contracts.codec import decode",
            "may not import services.contracts.codec.decode",
        ),
        ("scorecard/decide.py", "from services.kit import clock", "may not import services.kit.clock"),
        ("gateway/app.py", "import services.ledger.views", "may not import services.ledger.views"),
        ("gateway/app.py", "import numpy, services.scoring", "may not import services.scoring"),
        ("gateway/app.py", "import services", "may not import services"),
        ("gateway/app.py", "if TYPE_CHECKING:\n    import services.ledger", "may not import services.ledger"),
        ("__init__.py", "import services.kit", "may not import services.kit"),
        ("single/wiring.py", "import services.monitoring", "may not import services.monitoring"),
        ("scoring/model.py", "import mlflow.xgboost", "may not import mlflow.xgboost"),
        ("scoring/model.py", "from xgboost import Booster", "may not import xgboost.Booster"),
        ("scorecard/catalogue.py", "import pyarrow as pa", "may not import pyarrow"),
        ("kit/stream.py", "import psycopg", "may not import psycopg"),
        ("training/fit.py", "from psycopg.rows import dict_row", "may not import psycopg.rows.dict_row"),
        ("ledger/book.py", "import sqlalchemy.exc", "may not import sqlalchemy.exc"),
        ("kit/health.py", "from fastapi import FastAPI", "may not import fastapi.FastAPI"),
        ("kit/stream.py", "def f():\n    import json", "imports json inside a function"),
        (
            "kit/stream.py",
            "class A:\n    async def f(self):\n        from . import b",
            "imports services.kit.b inside a function",
        ),
        ("kit/kafka/stream.py", "", "is deeper than services/<room>/<module>.py"),
    ],
)
def test_a_violation_is_found(path: str, source: str, found: str) -> None:
    [violation] = violations(PurePosixPath(path), source)
    assert violation.startswith(f"{path}:")
    assert violation.endswith(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "contracts/codec.py",
            "from services.contracts.event import Event\nfrom . import event\nimport pydantic",
        ),
        ("scorecard/booster.py", "import services.contracts.event\nimport xgboost"),
        ("scorecard/table.py", "import pyarrow.csv"),
        (
            "gateway/app.py",
            "from services.kit import clock\nfrom services.scorecard import decide\nimport fastapi",
        ),
        ("replay/rows.py", "from services.replay.schema import T\nfrom psycopg.rows import dict_row"),
        ("single/wiring.py", "from services.gateway import wiring\nfrom services.kit import memory"),
        ("kit/database.py", "from psycopg.abc import AdaptContext"),
        ("training/fit.py", "import mlflow, pyarrow, xgboost\nimport psycopg_pool"),
    ],
)
def test_what_the_rules_allow_is_no_violation(path: str, source: str) -> None:
    assert violations(PurePosixPath(path), source) == []
