"""Sends requests by the load generator, which is a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.settings import REPOSITORY
from tests.benchmarks.job import Job, Told

JSON_TYPE = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests of one kind."""

    path: str
    bodies: Sequence[bytes]
    rows: int = 1
    """Applications in a body."""
    headers: dict[str, str] = field(default_factory=dict)


def send(
    address: str,
    traffic: Traffic,
    *,
    connections: int,
    requests: int,
    rate: float | None = None,
    warm_up: int | None = None,
    patience: float = 0.0,
) -> Told:
    """Send so many requests, after a tenth of them to warm up, and return what came back."""
    with TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies"
        bodies.write_bytes(b"\n".join(traffic.bodies))
        job = Job(
            url=address + traffic.path,
            headers=JSON_TYPE | traffic.headers,
            bodies=str(bodies),
            connections=connections,
            requests=requests,
            warm_up=requests // 10 if warm_up is None else warm_up,
            rate=rate,
            patience=patience,
        )
        return _generated(job)


def send_all_good(address: str, traffic: Traffic, *, connections: int, requests: int) -> Told:
    """Send so many requests and return what came back. Raises AssertionError when an answer is not 200."""
    told = send(address, traffic, connections=connections, requests=requests)
    assert told.statuses == {"200": requests}, f"{address}{traffic.path} answered {told.statuses}"
    return told


def _generated(job: Job) -> Told:
    finished = subprocess.run(
        (sys.executable, "-m", "tests.benchmarks.load"),
        cwd=REPOSITORY,
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return Told(**json.loads(finished.stdout))
