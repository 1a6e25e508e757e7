"""Reports in MLflow, by its REST interface: a run with the figures and the page; see docs/adr/0002."""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from services.kit.mlflow_answers import API, ARTIFACTS, as_mlflow_answers, checked, told
from services.monitoring.mlflow_answers import LARGEST_PAGE, PageError, ask
from services.monitoring.report_files import PAGE_FILE
from services.monitoring.report_result import ReportResult

EXPERIMENT: Final = "octroi-monitoring"
MOST_FIGURES: Final = 1000
"""MLflow takes no more in one request."""
NOT_IN_NAMES: Final = re.compile(r"[^\w\-. :/]", re.ASCII)
"""Characters that MLflow refuses in the name of a figure."""


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
        """Make a run with a report's figures and page. Raises PageError where MLflow refuses.

        A page of more than LARGEST_PAGE bytes is a PageError too: nobody could read it.
        """
        if len(page) > LARGEST_PAGE:
            raise PageError(f"the page has {len(page)} bytes, at most {LARGEST_PAGE} are shown")
        time = int(now.timestamp() * 1000)
        tags = {"mlflow.runName": report_id, "octroi.report_id": report_id, "octroi.model_version": version}
        wanted = {
            "experiment_id": await self._experiment_id(),
            "start_time": time,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        with as_mlflow_answers(PageError):
            run = (await self._post("runs/create", wanted))["run"]["info"]
            run_id, location = str(run["run_id"]), urlsplit(run["artifact_uri"])
        if location.scheme != "mlflow-artifacts":
            raise PageError(
                f"MLflow keeps artefacts of {self.experiment} at {location.scheme or 'a path'}:, not behind "
                "itself: start its server with --artifacts-destination, and rename this experiment"
            )
        artifact = f"{location.path.strip('/')}/{PAGE_FILE}"
        await self._post("runs/log-batch", {"run_id": run_id, "metrics": figures(result, time)})
        await self._put(artifact, page)
        await self._post("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": time})
        return Kept(run_id, artifact)

    async def read(self, artifact: str) -> bytes:
        """Return a page. Raises PageError where MLflow has it no more, or where it is larger than any is."""
        answer = await ask(self.client, "GET", f"{ARTIFACTS}/{artifact}")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise PageError("MLflow has the page no more; ask for a new report")
        return checked(answer, PageError).body

    async def drop(self, kept: Kept) -> None:
        """Remove a page and its run; what is gone is no error. Raises PageError where MLflow refuses."""
        for method, route, body in (
            ("DELETE", f"{ARTIFACTS}/{kept.artifact}", None),
            ("POST", f"{API}/runs/delete", {"run_id": kept.run_id}),
        ):
            answer = await ask(self.client, method, route, json=body)
            if answer.status != HTTPStatus.NOT_FOUND:
                checked(answer, PageError)

    async def _experiment_id(self) -> str:
        route, name = f"{API}/experiments/get-by-name", {"experiment_name": self.experiment}
        answer = await ask(self.client, "GET", route, params=name)
        if answer.status == HTTPStatus.NOT_FOUND:
            # Refused where another instance was faster; then it is found now.
            await ask(self.client, "POST", f"{API}/experiments/create", json={"name": self.experiment})
            answer = await ask(self.client, "GET", route, params=name)
        with as_mlflow_answers(PageError):
            return str(told(answer, PageError)["experiment"]["experiment_id"])

    async def _put(self, artifact: str, page: bytes) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        route = f"{ARTIFACTS}/{artifact}"
        checked(await ask(self.client, "PUT", route, content=page, headers=headers), PageError)

    async def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        return told(await ask(self.client, "POST", f"{API}/{route}", json=body), PageError)


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
