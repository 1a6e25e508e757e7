"""Command lines of the project's own programs that the launcher calls, in one place."""

import sys
from pathlib import Path

Command = tuple[str, ...]

CHAMPION = "champion"


def migrate() -> Command:
    """Bring the database's tables up to date."""
    return python("alembic", "-c", "infra/postgres/alembic.ini", "upgrade", "head")


def create_topics() -> Command:
    """Make the topics that are missing."""
    return python("infra.kafka.topics")


def create_sample(folder: Path, rows: int) -> Command:
    """Write a sample that looks like the competition's files."""
    return python("services.sample", "--out", str(folder), "--rows", str(rows))


def train(folder: Path, *, quick: bool = False, compare: bool = True) -> Command:
    """Compare models, fit, log and register a champion."""
    options = (*(("--quick",) if quick else ()), *(() if compare else ("--comparison", "none")))
    return python("services.training", "--data", str(folder), *options)


def promote(version: str) -> Command:
    """Make a registered version the champion."""
    return python("services.training.promote", "--version", version)


def rollback() -> Command:
    """Make the former champion the champion again."""
    return python("services.training.promote", "--rollback")


def create_api_key(keys: Path, key: Path) -> Command:
    """Make the first API key: its hash among the keys, itself into a file of its own."""
    roles = (argument for role in ("submit", "read", "operate") for argument in ("--role", role))
    return python("services.gateway.keys", "first", "--file", str(keys), "--into", str(key), *roles)


def replay(file: Path, *, rate: float | None = None) -> Command:
    """Send a file's applications through the engine; the exit code is 0 if all are decided exactly once."""
    return sending("services.replay", file, rate)


def outcomes(file: Path, *, rate: float | None = None) -> Command:
    """Send what the loans of a replayed file did."""
    return sending("services.replay.outcomes", file, rate)


def sending(module: str, file: Path, rate: float | None) -> Command:
    """Send something of a file, at so many events a second or as fast as it goes."""
    return python(module, "--file", str(file), *(() if rate is None else ("--rate", str(rate))))


def score(source: Path, target: Path) -> Command:
    """Score a file with the registry's champion."""
    return python("services.scoring.file", "--in", str(source), "--out", str(target))


def backup(folder: Path) -> Command:
    """Save the databases and the registry's files."""
    return python("infra.backup", "save", str(folder))


def restore(folder: Path) -> Command:
    """Put back what was saved."""
    return python("infra.backup", "load", str(folder))


def python(module: str, *arguments: str) -> Command:
    """Return the command line of a module in this environment."""
    return (sys.executable, "-m", module, *arguments)
