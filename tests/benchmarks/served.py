"""`mlflow models serve` with the same model: what one gets without the engine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import Any

import httpx

from infra.local.settings import REPOSITORY
from tests.engine import RunningEngine, free_port


def serve_and_ask(engine: RunningEngine, cells: dict[str, Any], *, requests: int) -> tuple[float, float]:
    """Return decisions per second and the median latency in ms over one connection.

    Raises AssertionError when the server does not start or an answer is an error.
    """
    port = free_port()
    command = (sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/octroi-scorecard@champion")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server = subprocess.Popen(
        (*command, "--env-manager", "local", "--port", str(port)),
        env={**os.environ, **engine.environment, "PATH": path},
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait(client)
            body = json.dumps({"dataframe_records": [cells]})
            headers = {"Content-Type": "application/json"}
            latencies = []
            for _ in range(requests):
                begun = perf_counter()
                answer = client.post("/invocations", content=body, headers=headers)
                latencies.append((perf_counter() - begun) * 1000)
                assert answer.status_code == httpx.codes.OK, answer.text
            return requests / (sum(latencies) / 1000), median(latencies)
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _wait(client: httpx.Client) -> None:
    deadline = monotonic() + 90
    while monotonic() < deadline:
        try:
            if client.get("/ping").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            sleep(0.2)
    raise AssertionError("mlflow models serve did not start")
