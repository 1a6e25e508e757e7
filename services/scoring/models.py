"""The models in use: loaded whole, then swapped between two batches; a failed load leaves the old ones."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import httpx
import structlog

from services.contracts.events import ModelIdentity
from services.kit.errors import UnavailableError
from services.scorecard.bundle import from_files
from services.scorecard.catalogue import Catalogue
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scoring.cache import BundleCache
from services.scoring.registry import Registry, RegistryError
from services.scoring.settings import RegistrySettings

Role = Literal["champion", "challenger"]
ROLES: tuple[Role, ...] = ("champion", "challenger")
Load = Callable[[Mapping[str, bytes]], Model]
log = structlog.stdlib.get_logger("models")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready, and who it is."""

    identity: ModelIdentity
    model: Model


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one moment."""

    champion: LoadedModel | None = None
    challenger: LoadedModel | None = None

    def version(self, role: Role) -> str | None:
        """Return the version in a role, None where nobody is."""
        loaded = self.champion if role == "champion" else self.challenger
        return loaded.identity.version if loaded else None

    def holding(self, loaded: LoadedModel) -> "Models":
        """Return these models with another one in its role."""
        if loaded.identity.role == "champion":
            return replace(self, champion=loaded)
        return replace(self, challenger=loaded)


def model_keeper(settings: RegistrySettings, catalogue: Catalogue) -> "ModelKeeper":
    """Return the keeper of the registered model that `settings` name, with nothing loaded yet."""
    policy = load_policy()
    client = httpx.Client(base_url=str(settings.tracking_uri), timeout=settings.timeout.total_seconds())

    def load(files: Mapping[str, bytes]) -> Model:
        return ready(from_files(files), policy, catalogue, threads=settings.threads)

    return ModelKeeper(Registry(client, settings.model_name), BundleCache(settings.cache), load)


class ModelKeeper:
    """Holds the models in use and brings them up to what the registry's aliases name.

    `current` is replaced as a whole, so that a batch sees the models of one moment.
    """

    def __init__(self, registry: Registry, cache: BundleCache, load: Load) -> None:
        self._registry = registry
        self._cache = cache
        self._load = load
        self._refused: dict[Role, str] = {}
        self.current = Models()

    def refresh(self) -> None:
        """Follow the aliases once. Blocks: run it in a thread.

        The registry away at the start, or a version that cannot be used: the copies on disk are used where a
        role is empty. Later: all stays.
        """
        try:
            aliases = self._registry.aliases()
            for role in ROLES:
                self._follow(role, aliases.get(role))
        except UnavailableError as error:
            log.warning("registry_away", error=str(error))
            self._start_from_copies()
        except RegistryError as error:
            log.error("registry_unreadable", error=str(error))  # noqa: TRY400
            self._start_from_copies()

    def _follow(self, role: Role, version: str | None) -> None:
        if version is None:
            self._leave(role)
        elif version not in (self.current.version(role), self._refused.get(role)):
            files = self._registry.bundle_files(version)
            if self._take(role, version, files):
                with _copies_may_fail():
                    self._cache.keep(version, files)
                    self._cache.remember(role, version)
            else:
                self._start_from_copy(role)
                self._refused[role] = version

    def _leave(self, role: Role) -> None:
        """Let a challenger go. A champion stays: without one nothing could be decided."""
        if role == "challenger" and self.current.challenger:
            self.current = replace(self.current, challenger=None)
            with _copies_may_fail():
                self._cache.remember(role, None)
            log.info("model_left", role=role)

    def _start_from_copies(self) -> None:
        for role in ROLES:
            self._start_from_copy(role)

    def _start_from_copy(self, role: Role) -> None:
        version = self._cache.remembered(role)
        if version is not None and self.current.version(role) is None:
            self._take(role, version, self._cache.files(version))

    def _take(self, role: Role, version: str, files: Mapping[str, bytes]) -> bool:
        """Load a model whole and put it in its role, or leave all as it is and return False."""
        try:
            model = self._load(files)
        except ValueError as error:
            log.error("model_not_loaded", role=role, version=version, error=str(error))  # noqa: TRY400
            return False
        identity = ModelIdentity(name=self._registry.model_name, version=version, role=role)
        self.current = self.current.holding(LoadedModel(identity, model))
        self._refused.pop(role, None)
        log.info("model_in_use", role=role, version=version)
        return True


@contextmanager
def _copies_may_fail() -> Iterator[None]:
    """Log an error of the disk: only a start without the registry needs the copies."""
    try:
        yield
    except OSError as error:
        log.warning("copy_not_kept", error=str(error))
