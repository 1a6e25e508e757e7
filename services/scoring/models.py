"""The models in use: loaded whole, then swapped between two batches; a failed load leaves the old ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from services.contracts.events import ModelIdentity
from services.kit.errors import UnavailableError
from services.kit.registry import RegistryError
from services.kit.stream import POISON
from services.scorecard.bundle import from_files
from services.scorecard.catalogue import Catalogue
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scoring.cache import BundleCache, Copies, NoCopies
from services.scoring.settings import RegistrySettings
from services.scoring.sources import Source, source_of

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
    """Return the keeper of the model that `settings` name, with nothing loaded yet. Raises SettingsError."""
    policy = load_policy()
    cache = NoCopies() if settings.bundle else BundleCache(settings.cache / settings.model_name)

    def load(files: Mapping[str, bytes]) -> Model:
        return ready(from_files(files), policy, catalogue, threads=settings.threads)

    return ModelKeeper(source_of(settings), cache, load)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that an alias names and that cannot be used."""

    identity: ModelIdentity
    reason: str


class ModelKeeper:
    """Holds the models in use and brings them up to what the registry's aliases name.

    `current` is replaced as a whole, so that a batch sees the models of one moment.
    """

    def __init__(self, registry: Source, cache: Copies, load: Load) -> None:
        self._registry = registry
        self._cache = cache
        self._load = load
        self._refused: dict[Role, Refusal] = {}
        self.current = Models()

    def refresh(self) -> None:
        """Follow the aliases once. Blocks: run it in a thread.

        The registry away at the start, or a version that cannot be used: the copies on disk are used where a
        role is empty. Later: all stays.
        """
        try:
            with self._copies_instead(ROLES):
                aliases = self._registry.aliases()
                for role in ROLES:
                    # A version that cannot be fetched keeps nobody from following the other role.
                    with self._copies_instead((role,)):
                        self._follow(role, aliases.get(role))
        except UnavailableError as error:
            log.warning("registry_away", error=str(error))
            self._start_from_copies(ROLES)

    @contextmanager
    def _copies_instead(self, roles: Sequence[Role]) -> Iterator[None]:
        try:
            yield
        except RegistryError as error:
            log.error("registry_unreadable", roles=roles, error=str(error))  # noqa: TRY400
            self._start_from_copies(roles)

    def _follow(self, role: Role, version: str | None) -> None:
        if version != self._refused_version(role):
            self._refused.pop(role, None)
        if version is None:
            self._leave(role)
        elif version not in (self.current.version(role), self._refused_version(role)):
            files = self._registry.bundle_files(version)
            error = self._take(role, version, files)
            if error is None:
                with _copies_may_fail():
                    self._cache.keep(version, files)
                    self._cache.remember(role, version)
            else:
                self._start_from_copy(role)
                self._refused[role] = Refusal(self._identity(role, version), error)

    def refusals(self) -> Sequence["Refusal"]:
        """Return the versions that aliases name and that cannot be used."""
        return tuple(self._refused.values())

    def _identity(self, role: Role, version: str) -> ModelIdentity:
        return ModelIdentity(name=self._registry.model_name, version=version, role=role)

    def _refused_version(self, role: Role) -> str | None:
        return self._refused[role].identity.version if role in self._refused else None

    def _leave(self, role: Role) -> None:
        """Let a challenger go. A champion stays: without one nothing could be decided."""
        if role == "challenger" and self.current.challenger:
            self.current = replace(self.current, challenger=None)
            with _copies_may_fail():
                self._cache.remember(role, None)
            log.info("model_left", role=role)

    def _start_from_copies(self, roles: Sequence[Role]) -> None:
        for role in roles:
            self._start_from_copy(role)

    def _start_from_copy(self, role: Role) -> None:
        version = self._cache.remembered(role)
        if version is not None and self.current.version(role) is None:
            self._take(role, version, self._cache.files(version))

    def _take(self, role: Role, version: str, files: Mapping[str, bytes]) -> str | None:
        """Load a model whole and put it in its role, or leave all as it is and return what is wrong."""
        try:
            model = self._load(files)
        except POISON as error:
            # A bundle that nobody foresaw must not end the process: its alias would end the next one too.
            fault = str(error) if isinstance(error, ValueError) else repr(error)
            log.error("model_not_loaded", role=role, version=version, error=fault)  # noqa: TRY400
            return fault
        self.current = self.current.holding(LoadedModel(self._identity(role, version), model))
        log.info("model_in_use", role=role, version=version)
        return None


@contextmanager
def _copies_may_fail() -> Iterator[None]:
    """Log an error of the disk: only a start without the registry needs the copies."""
    try:
        yield
    except OSError as error:
        log.warning("copy_not_kept", error=str(error))
