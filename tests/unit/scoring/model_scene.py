"""A registry in memory with keepers of its models, and copies on a disk."""

from collections.abc import Mapping
from pathlib import Path

import httpx

from services.kit.registry import Registry
from services.scorecard.bundle import from_files, to_files
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scoring.cache import BundleCache
from services.scoring.models import Load, ModelKeeper
from tests.models import small_bundle
from tests.registry import RegistryInMemory

NAME = "octroi-scorecard"


class RegistryThatLosesFiles(RegistryInMemory):
    """Tells its aliases; asked for files it is away while `files_away`."""

    files_away = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.files_away and request.url.path.endswith("/artifacts"):
            raise httpx.ConnectError("refused", request=request)
        return super().handle_request(request)


class Scene:
    def __init__(self, folder: Path) -> None:
        self.registry: RegistryInMemory = RegistryInMemory()
        self.folder = folder

    def keeper(self, loading: Load | None = None) -> ModelKeeper:
        client = httpx.Client(transport=self.registry, base_url="http://registry")
        return ModelKeeper(Registry(client, NAME), BundleCache(self.folder), loading or load)

    def publish(self, version: str, alias: str, seed: int = 1) -> None:
        self.registry.versions[version] = to_files(small_bundle(seed=seed))
        self.registry.aliases[alias] = version


def load(files: Mapping[str, bytes]) -> Model:
    return ready(from_files(files), load_policy(), standard_catalogue())


def versions(keeper: ModelKeeper) -> tuple[str | None, str | None]:
    return keeper.current.version("champion"), keeper.current.version("challenger")
