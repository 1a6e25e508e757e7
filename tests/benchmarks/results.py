"""Figures of a benchmark: medians of several runs, as a table and as JSON."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from infra.local.kafka import CONFIGURATION
from infra.local.postgres import binaries
from infra.local.settings import REPOSITORY

POM = CONFIGURATION / "pom.xml"
LIBRARIES = ("aiokafka", "fastapi", "mlflow", "numpy", "psycopg", "pydantic", "uvicorn", "xgboost-cpu")
HEAD = ("case", "contestant", "given", "under", "metric", "median", "min", "max", "unit", "runs")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured in every run."""

    case: str
    contestant: str
    given: str
    """What a contestant gets: raw applications, or features that somebody has computed before."""
    under: str
    """Under which load, or with how much at a time."""
    metric: str
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure as the JSON file has it."""

    case: str
    contestant: str
    given: str
    under: str
    metric: str
    unit: str
    median: float
    min: float
    max: float
    runs: int


def rows(figures: Iterable[Figure]) -> list[Row]:
    """Return the summary of each figure."""
    return [
        Row(
            figure.case,
            figure.contestant,
            figure.given,
            figure.under,
            figure.metric,
            figure.unit,
            median(figure.values),
            min(figure.values),
            max(figure.values),
            len(figure.values),
        )
        for figure in figures
    ]


def table(results: Sequence[Row]) -> str:
    """Return the rows as aligned text."""
    cells = [HEAD, *map(_cells, results)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def machine() -> dict[str, str]:
    """Return what the figures depend on: processor, cores, memory, versions."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": platform.platform(),
        "commit": _said_by("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "python": platform.python_version(),
        "java": _said_by("java", "--version"),
        "kafka": _kafka(),
        "postgresql": _said_by(str(binaries() / "postgres"), "--version"),
        **{library: version(library) for library in LIBRARIES},
    }


def _kafka() -> str:
    found = re.search(
        r"<artifactId>kafka_[^<]*</artifactId>\s*<version>([^<]*)", POM.read_text(encoding="utf-8")
    )
    return found[1] if found else ""


def _said_by(*command: str) -> str:
    """Return the first line that a program says; what is not there says nothing."""
    try:
        finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return finished.stdout.partition("\n")[0]


def write_json(file: Path, told: Mapping[str, str], results: Sequence[Row]) -> None:
    """Write what the figures depend on, and the rows as a list of objects."""
    content = {"machine": told, "figures": [asdict(row) for row in results]}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    numbers = map(_said, (row.median, row.min, row.max))
    return (row.case, row.contestant, row.given, row.under, row.metric, *numbers, row.unit, str(row.runs))


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
