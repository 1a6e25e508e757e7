"""The models in use: loaded whole, then swapped between two batches; a failed load leaves the old ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog

from services.contracts.events import MODEL_ROLES, ModelIdentity, ModelRole
from services.kit.errors import UnavailableError
from services.kit.registry import RegistryError
from services.kit.stream import POISON
from services.scorecard.bundle import from_files
from services.scorecard.catalogue import Catalogue
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scoring.cache import BundleCache, Copies, NoCopies
from services.scoring.refusals import Refusal, Refusals
from services.scoring.settings import RegistrySettings
from services.scoring.sources import Source, source_of

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
    without_champion: str | None = None
    """Why there is no champion, where it is not that the registry names none."""

    def version(self, role: ModelRole) -> str | None:
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


class ModelKeeper:
    """Holds the models in use and brings them up to what the registry's aliases name.

    `current` is replaced as a whole, so that a batch sees the models of one moment.
    """

    def __init__(self, registry: Source, cache: Copies, load: Load) -> None:
        self._registry = registry
        self._cache = cache
        self._load = load
        self._refused = Refusals()
        self.current = Models()

    def refresh(self) -> None:
        """Follow the aliases once. Blocks: run it in a thread.

        The registry away at the start, or a version that cannot be used: the copies on disk are used where a
        role is empty. Later: all stays.
        """
        silent = self._look()
        reason = None if self.current.champion else silent or self._refused_champion()
        self.current = replace(self.current, without_champion=reason)

    def _look(self) -> str | None:
        """Follow what the registry says, or use the copies and return why it says nothing."""
        try:
            aliases = self._registry.aliases()
            for role in MODEL_ROLES:
                self._follow(role, aliases.get(role))
        except UnavailableError as error:
            log.warning("registry_away", error=str(error))
            fault = str(error)
        except RegistryError as error:
            log.error("registry_unreadable", error=str(error))  # noqa: TRY400
            fault = str(error)
        else:
            return None
        for role in MODEL_ROLES:
            self._start_from_copy(role)
        return f"no champion is known: {fault}"

    def _refused_champion(self) -> str | None:
        refusal = self._refused.of("champion")
        if refusal is None:
            return None
        name, version = refusal.identity.name, refusal.identity.version
        return f"the champion, {name} version {version}, was refused: {refusal.reason}"

    def _follow(self, role: ModelRole, version: str | None) -> None:
        refusal = self._refused.of(role)
        if refusal is not None and refusal.identity.version != version:
            self._refused.drop(role)
        if version is None:
            self._leave(role)
        elif version != self.current.version(role) and not self._refused.stands(role, version):
            self._use(role, version)

    def _use(self, role: ModelRole, version: str) -> None:
        """Fetch a version and put it in its role, or refuse it: then a copy serves where the role is empty.

        Raises UnavailableError.
        """
        try:
            files = self._registry.bundle_files(version)
        except RegistryError as error:
            self._refuse(role, version, str(error), fetched=False)
            return
        fault = self._take(role, version, files)
        if fault is not None:
            self._refuse(role, version, fault, fetched=True)
            return
        self._refused.drop(role)
        with _copies_may_fail("copy_not_kept"):
            self._cache.keep(version, files)
            self._cache.remember(role, version)

    def _refuse(self, role: ModelRole, version: str, reason: str, *, fetched: bool) -> None:
        self._start_from_copy(role)
        if self.current.version(role) == version:
            # The copy is of this very version, which is in use then.
            return
        if self._refused.add(Refusal(self._identity(role, version), reason), fetched=fetched) and not fetched:
            log.error("model_not_fetched", role=role, version=version, error=reason)

    def refusals(self) -> Sequence[Refusal]:
        """Return the versions that aliases name and that cannot be used."""
        return self._refused.all()

    def _identity(self, role: ModelRole, version: str) -> ModelIdentity:
        return ModelIdentity(name=self._registry.model_name, version=version, role=role)

    def _leave(self, role: ModelRole) -> None:
        """Let a challenger go. A champion stays: without one nothing could be decided."""
        if role == "challenger" and self.current.challenger:
            self.current = replace(self.current, challenger=None)
            with _copies_may_fail("copy_not_kept"):
                self._cache.remember(role, None)
            log.info("model_left", role=role)

    def _start_from_copy(self, role: ModelRole) -> None:
        if self.current.version(role) is not None:
            return
        with _copies_may_fail("copy_not_read"):
            version = self._cache.remembered(role)
            if version is not None:
                self._take(role, version, self._cache.files(version))

    def _take(self, role: ModelRole, version: str, files: Mapping[str, bytes]) -> str | None:
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
def _copies_may_fail(event: str) -> Iterator[None]:
    """Log what is wrong with the copies as `event`: only a start without the registry needs them."""
    try:
        yield
    except (OSError, RegistryError) as error:
        log.warning(event, error=str(error))
