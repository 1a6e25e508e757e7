"""A registry in memory, for tests of those who ask one."""

from collections.abc import Mapping

import httpx

from services.kit.seal import SEAL_TAG, SEALED, seal_of


class RegistryInMemory(httpx.BaseTransport):
    """The registry's routes, as MLflow answers them; tests/integration holds MLflow to the same."""

    def __init__(self) -> None:
        self.away = False
        self.page: str | None = None
        self.asked: list[str] = []
        self.aliases: dict[str, str] = {}
        self.versions: dict[str, Mapping[str, bytes]] = {}
        self.seals: dict[str, str] = {}
        """Of versions whose tag is not that of their files."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        if self.page is not None:
            return httpx.Response(200, text=self.page)
        path, asked = request.url.path, request.url.params
        self.asked.append(path)
        if path.endswith("/registered-models/get"):
            aliases = [{"alias": alias, "version": version} for alias, version in self.aliases.items()]
            return httpx.Response(200, json={"registered_model": {"aliases": aliases}})
        if path.endswith("/model-versions/get"):
            return httpx.Response(200, json={"model_version": {"tags": self._tags(asked["version"])}})
        if path.endswith("/get-download-uri"):
            return httpx.Response(200, json={"artifact_uri": f"mlflow-artifacts:/{asked['version']}"})
        if path.endswith("/artifacts"):
            version = asked["path"].split("/")[0]
            files = [{"path": f"{asked['path']}/{name}"} for name in self.versions[version]]
            return httpx.Response(200, json={"files": files})
        version, *_, name = path.removeprefix("/api/2.0/mlflow-artifacts/artifacts/").split("/")
        return httpx.Response(200, content=self.versions[version][name])

    def _tags(self, version: str) -> list[dict[str, str]]:
        files = self.versions[version]
        seal = self.seals.get(version, seal_of(files) if SEALED in files else "")
        return [
            {"key": "git_revision", "value": "abc"},
            *([{"key": SEAL_TAG, "value": seal}] if seal else []),
        ]
