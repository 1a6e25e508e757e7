"""The champion as monitoring needs it: its reference profile, and where its features stand in vectors."""

from dataclasses import dataclass
from functools import cached_property

import httpx
import numpy as np
import structlog
from numpy.typing import NDArray

from services.contracts.catalogue import CatalogueDescribed, FeatureDescription
from services.contracts.codec import ContractError, decode
from services.kit.errors import UnavailableError
from services.kit.records import Record
from services.kit.registered_model import RegisteredModel
from services.kit.registry import Registry, RegistryError
from services.kit.stream import POISON
from services.monitoring.decision_tally import DecisionLayout
from services.monitoring.feature_tally import FeatureLayout
from services.monitoring.noise import noise_of
from services.scorecard.bundle import Bundle, from_files
from services.scorecard.catalogue import Catalogue
from services.scorecard.compatibility import FeatureMissing, bind
from services.scorecard.policy import Policy

log = structlog.stdlib.get_logger("champion")


@dataclass(frozen=True)
class Watched:
    """The model whose reference profile a window is compared with."""

    version: str
    bundle: Bundle
    policy: Policy

    @cached_property
    def features(self) -> FeatureLayout:
        """Where its monitored features are counted."""
        return FeatureLayout(self.bundle.reference_profile)

    @cached_property
    def decisions(self) -> DecisionLayout:
        """Where decisions are counted."""
        groups = (group.code for group in self.bundle.reasons.groups)
        rules = (rule.code for rule in self.policy.rules)
        return DecisionLayout((*groups, *rules), self.bundle.costs)

    @cached_property
    def noise(self) -> tuple[float, ...]:
        """What chance makes of each monitored feature's distance; see `noise_of`."""
        features = self.bundle.reference_profile.features
        return tuple(noise_of(feature, len(features)) for feature in features)

    @cached_property
    def monitored(self) -> tuple[FeatureDescription, ...]:
        """The monitored features, as vectors are described."""
        return tuple(
            FeatureDescription(name=feature.name, definition=feature.definition)
            for feature in self.bundle.reference_profile.features
        )


class Champion:
    """Follows the champion's alias and the catalogues; what it cannot load leaves the last model."""

    def __init__(self, settings: RegisteredModel, policy: Policy, own: Catalogue) -> None:
        self._client = httpx.Client(base_url=settings.tracking_url, timeout=5)
        self._registry = Registry(self._client, settings.model_name)
        self._policy = policy
        self._catalogues = {own.version: own.features}
        self._bound: dict[tuple[str, str], NDArray[np.intp]] = {}
        self._challenger: str | None = None
        self.name = settings.model_name
        self.current: Watched | None = None

    @property
    def challenger(self) -> str | None:
        """Version that is heard in shadow."""
        return self._challenger

    def close(self) -> None:
        """Close the connections to the registry."""
        self._client.close()

    def refresh(self) -> None:
        """Follow the aliases once. Blocks: run it in a thread."""
        try:
            aliases = self._registry.aliases()
            self._challenger = aliases.get("challenger")
            version = aliases.get("champion")
            if version is not None and (self.current is None or self.current.version != version):
                bundle = from_files(self._registry.bundle_files(version))
                watched = Watched(version, bundle, self._policy)
                # Worked out here, in the thread, and not when the first tick asks.
                log.info("champion_watched", version=version, monitored=len(watched.noise))
                self.current = watched
        except (UnavailableError, RegistryError, *POISON) as error:
            # BundleError is among them, and what reading a bundle that nobody foresaw raises.
            log.warning("champion_not_read", error=str(error) or repr(error))

    def learn(self, record: Record) -> None:
        """Learn what the vectors of a catalogue mean."""
        try:
            described = decode(CatalogueDescribed, record.value, record.headers)
        except ContractError as error:
            log.warning("catalogue_unreadable", position=record.position(), error=str(error))
            return
        self._catalogues.setdefault(described.catalogue_version, described.features)

    def width(self, catalogue_version: str) -> int | None:
        """Return the length of a catalogue's vectors, None while nobody has described it."""
        features = self._catalogues.get(catalogue_version)
        return None if features is None else len(features)

    def places(self, watched: Watched, catalogue_version: str) -> NDArray[np.intp] | None:
        """Return where monitored features stand in a catalogue's vectors, None where one is not in it."""
        pair = (watched.version, catalogue_version)
        if pair not in self._bound:
            try:
                offered = self._catalogues.get(catalogue_version, ())
                self._bound[pair] = bind(watched.monitored, offered)
            except FeatureMissing as error:
                log.warning("features_missing", version=watched.version, error=str(error))
                return None
        return self._bound[pair]
