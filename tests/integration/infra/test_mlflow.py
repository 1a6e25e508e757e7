from http import HTTPStatus

import httpx
import pytest

from infra.local.mlflow import Mlflow

pytestmark = pytest.mark.mlflow
ALIAS = "/api/2.0/mlflow/registered-models/alias"


def post(uri: str, path: str, **body: str) -> httpx.Response:
    answer = httpx.post(f"{uri}/api/2.0/mlflow/{path}", json=body, timeout=30)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return answer


def test_an_alias_is_seen_once_it_is_set(mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Mlflow(tmp_path_factory.mktemp("unused"), int(mlflow_uri.rpartition(":")[2]), lambda: "")
    assert not server.has_alias("launched", "champion")
    post(mlflow_uri, "registered-models/create", name="launched")
    assert not server.has_alias("launched", "champion")
    run = post(mlflow_uri, "runs/create", experiment_id="0").json()["run"]["info"]
    origin = {"run_id": run["run_id"], "source": f"{run['artifact_uri']}/model"}
    version = post(mlflow_uri, "model-versions/create", name="launched", **origin).json()["model_version"]
    post(mlflow_uri, "registered-models/alias", name="launched", alias="champion", version=version["version"])
    assert server.has_alias("launched", "champion")


def test_requests_for_another_host_are_refused(mlflow_uri: str) -> None:
    query = {"name": "launched", "alias": "champion"}
    answer = httpx.get(
        f"{mlflow_uri}{ALIAS}", params=query, headers={"Host": "elsewhere.example"}, timeout=30
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
