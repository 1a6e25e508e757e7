"""Reports in MLflow, by its REST interface: a run with the figures and the page; see docs/adr/0002."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from services.kit.errors import UnavailableError
from services.monitoring.report_files import PAGE_FILE
from services.monitoring.report_result import ReportResult

API: Final = "/api/2.0/mlflow"
ARTIFACTS: Final = "/api/2.0/mlflow-artifacts/artifacts"
EXPERIMENT: Final = "octroi-monitoring"
MOST_FIGURES: Final = 1000
"""MLflow takes no more in one request."""
NOT_IN_NAMES: Final = re.compile(r"[^\w\-. :/]", re.ASCII)
"""Characters that MLflow refuses in the name of a figure."""


class PageError(Exception):
    """MLflow cannot keep a page or has none; the message says why and what to do."""


class Kept(NamedTuple):
    """Where a page is."""

    run_id: str
    artifact: str
    """Its path among all artefacts of the server."""


@dataclass(frozen=True, slots=True)
class ReportPages:
    """Keeps pages as artefacts of runs. Raises UnavailableError where MLflow is away."""

    client: httpx.AsyncClient
    """Its base_url is the tracking server's."""
    experiment: str = EXPERIMENT

    async def keep(
        self, report_id: str, version: str, result: ReportResult, page: bytes, now: datetime
    ) -> Kept:
        """Make a run with a report's figures and page. Raises PageError where MLflow refuses."""
        time = int(now.timestamp() * 1000)
        tags = {"mlflow.runName": report_id, "octroi.report_id": report_id, "octroi.model_version": version}
        wanted = {
            "experiment_id": await self._experiment_id(),
            "start_time": time,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        run = (await self._post("runs/create", wanted))["run"]["info"]
        location = urlsplit(run["artifact_uri"])
        if location.scheme != "mlflow-artifacts":
            raise PageError(
                f"MLflow keeps artefacts of {self.experiment} at {location.scheme or 'a path'}:, not behind "
                "itself: start its server with --artifacts-destination, and rename this experiment"
            )
        artifact = f"{location.path.strip('/')}/{PAGE_FILE}"
        await self._post("runs/log-batch", {"run_id": run["run_id"], "metrics": figures(result, time)})
        await self._put(artifact, page)
        await self._post("runs/update", {"run_id": run["run_id"], "status": "FINISHED", "end_time": time})
        return Kept(run["run_id"], artifact)

    async def read(self, artifact: str) -> bytes:
        """Return a page. Raises PageError where MLflow has it no more."""
        answer = await self._send(self.client.build_request("GET", f"{ARTIFACTS}/{artifact}"))
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PageError("MLflow has the page no more; ask for a new report")
        return _checked(answer).content

    async def drop(self, kept: Kept) -> None:
        """Remove a page and its run; what is gone is no error. Raises PageError where MLflow refuses."""
        for request in (
            self.client.build_request("DELETE", f"{ARTIFACTS}/{kept.artifact}"),
            self.client.build_request("POST", f"{API}/runs/delete", json={"run_id": kept.run_id}),
        ):
            answer = await self._send(request)
            if answer.status_code != httpx.codes.NOT_FOUND:
                _checked(answer)

    async def _experiment_id(self) -> str:
        name = {"experiment_name": self.experiment}
        look = self.client.build_request("GET", f"{API}/experiments/get-by-name", params=name)
        answer = await self._send(look)
        if answer.status_code == httpx.codes.NOT_FOUND:
            make = self.client.build_request(
                "POST", f"{API}/experiments/create", json={"name": self.experiment}
            )
            # Refused where another instance was faster; then it is found now.
            await self._send(make)
            answer = await self._send(look)
        return str(_told(answer)["experiment"]["experiment_id"])

    async def _put(self, artifact: str, page: bytes) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        _checked(
            await self._send(
                self.client.build_request("PUT", f"{ARTIFACTS}/{artifact}", content=page, headers=headers)
            )
        )

    async def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        return _told(await self._send(self.client.build_request("POST", f"{API}/{route}", json=body)))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self.client.send(request)
        except httpx.TransportError as error:
            raise UnavailableError(f"MLflow is away: {error!r}") from error
        if answer.is_server_error:
            raise UnavailableError(
                f"MLflow answers {answer.status_code} to {request.url.path}: {answer.text[:200]}"
            )
        return answer


def figures(result: ReportResult, time: int) -> list[dict[str, Any]]:
    """Return a report's figures as MLflow takes them; `time` is in milliseconds since 1970."""
    named: dict[str, float] = {
        "rows": result.rows,
        "features_compared": len(result.compared),
        "features_set_aside": len(result.set_aside),
        "features_drifted": result.drifted,
        **{f"distance/{NOT_IN_NAMES.sub('_', each.name)}": each.distance for each in result.compared},
    }
    rows = [{"key": key, "value": value, "timestamp": time, "step": 0} for key, value in named.items()]
    return rows[:MOST_FIGURES]


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = _checked(answer).json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise PageError(f"{answer.url} does not answer as MLflow does: look at MLFLOW_TRACKING_URI")
    return told


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise PageError(f"MLflow answers {answer.status_code}: {answer.text[:200]}")
    return answer
