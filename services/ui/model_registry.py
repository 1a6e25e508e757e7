"""The champion and its card, from MLflow's REST interface."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from services.kit.mlflow_answers import API, ARTIFACTS
from services.ui.rest import RefusedError, Rest

CHAMPION: Final = "champion"


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that decides, and the run that it came from."""

    version: str
    run_id: str
    experiment_id: str
    folder: str
    """Of the run's artifacts behind the server."""
    description: str
    created_at: float
    """Seconds since the epoch."""
    metrics: dict[str, float]
    parameters: dict[str, str]

    @property
    def page(self) -> str:
        """Path of the run's page."""
        return f"/#/experiments/{self.experiment_id}/runs/{self.run_id}"


@dataclass(frozen=True, slots=True)
class ModelRegistry:
    """Every method raises AwayError and RefusedError."""

    rest: Rest
    model_name: str

    def champion(self) -> Champion | None:
        """Return the champion, or None where there is none."""
        named = {"name": self.model_name, "alias": CHAMPION}
        try:
            told = self.rest.told(f"{API}/registered-models/alias", **named)["model_version"]
        except RefusedError as error:
            if error.status in {httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST}:
                return None
            raise
        run = self.rest.told(f"{API}/runs/get", run_id=told["run_id"])["run"]
        return Champion(
            version=str(told["version"]),
            run_id=told["run_id"],
            experiment_id=run["info"]["experiment_id"],
            folder=urlsplit(run["info"]["artifact_uri"]).path.strip("/"),
            description=told.get("description", ""),
            created_at=float(told["creation_timestamp"]) / 1000,
            metrics={one["key"]: float(one["value"]) for one in run["data"].get("metrics", ())},
            parameters={one["key"]: one["value"] for one in run["data"].get("params", ())},
        )

    def card_file(self, champion: Champion, name: str) -> bytes | None:
        """Return a file of the champion's card, or None where there is none of the name."""
        try:
            answer = self.rest.ask("GET", f"{ARTIFACTS}/{quote(f'{champion.folder}/card/{name}')}")
        except RefusedError:
            return None
        return answer.content

    def card_figures(self, champion: Champion, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return a JSON file of the champion's card, or None where there is none of the name."""
        content = self.card_file(champion, f"{name}.json")
        return None if content is None else httpx.Response(200, content=content).json()
