"""Requests that schemathesis makes of an OpenAPI document, and what is wrong with the answers."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
NOT_INSTALLED = "schemathesis is not installed: make the environment anew (make clean, then make test)"


@dataclass(frozen=True)
class Interface:
    """Something with an OpenAPI document, and a key that opens it."""

    address: str
    key: str
    without: tuple[str, ...] = ()
    """Paths that cannot be asked for, since their answers never end."""


@dataclass(frozen=True)
class Asked:
    """What a run of schemathesis came to."""

    cases: int
    seed: int
    faultless: bool
    said: str


def program() -> Path | None:
    """Return where schemathesis is, None where it is not installed."""
    found = Path(sys.executable).with_name("schemathesis")
    return found if found.exists() else None


def ask(interface: Interface, folder: Path, *, seed: int, examples: int, phases: Sequence[str]) -> Asked:
    """Ask every operation so often at most, and check each answer; of the phases coverage takes longest."""
    schemathesis = program()
    assert schemathesis is not None, NOT_INSTALLED
    report = folder / f"asked-{seed}.json"
    command = [
        *(str(schemathesis), "run", f"{interface.address}/openapi.json", "--no-color"),
        *("--header", f"X-API-Key: {interface.key}", "--checks", ",".join(CHECKS)),
        *("--phases", ",".join(phases), "--max-examples", str(examples), "--seed", str(seed)),
        *("--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"),
        *("--report", "json", "--report-json-path", str(report), "--request-timeout", "60"),
    ]
    for path in interface.without:
        command += ["--exclude-path", path]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert report.exists(), ran.stdout + ran.stderr
    told = json.loads(report.read_text())
    complete = told["complete"] and not told["errors"]
    return Asked(told["test_cases"]["generated"], seed, complete and ran.returncode == 0, ran.stdout)


def ask_until(interface: Interface, folder: Path, *, seed: int, cases: int) -> Iterator[Asked]:
    """Ask, with one seed after the other, until there were so many cases: small operations soon repeat."""
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing")
    asked = 0
    for current in count(seed):
        if asked >= cases:
            return
        found = ask(interface, folder, seed=current, examples=max(20, cases // 20), phases=phases)
        yield found
        assert found.cases, found.said
        asked += found.cases
        # What there is of examples and of edges is the same with every seed.
        phases = ("fuzzing",)
