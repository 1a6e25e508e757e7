"""A bundle that cannot be read leaves monitoring with the champion that it has."""

import httpx
import pytest

from services.kit.registered_model import MODEL_NAME
from services.kit.registry import LARGEST_ANSWER, Registry
from services.monitoring.champion import Champion, Watched
from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, Bundle, to_files
from services.scorecard.policy import load_policy
from tests.models import small_bundle
from tests.registry import RegistryInMemory
from tests.unit.monitoring.population import champion_of, distribution_of, reference_of


def unequal(bundle: Bundle) -> Bundle:
    """Return a bundle whose reference profile has fewer means than bins, which no type forbids."""
    feature = distribution_of([1, 1, 2, 3]).model_copy(update={"means": (1.0, 2.0)})
    profile = bundle.reference_profile.model_copy(update={"features": (feature,)})
    return bundle.model_copy(update={"reference_profile": profile})


def fine(bundle: Bundle) -> Bundle:
    """Return a bundle whose reference profile has so many bins that to draw from them takes a gigabyte."""
    bins = 20_000
    places = tuple(map(float, range(bins)))
    many = {"edges": places[1:], "shares": (1 / bins,) * bins, "means": places}
    feature = distribution_of([1, 1, 2, 3]).model_copy(update=many)
    profile = bundle.reference_profile.model_copy(update={"features": (feature,)})
    return bundle.model_copy(update={"reference_profile": profile})


@pytest.fixture
def registry() -> RegistryInMemory:
    return RegistryInMemory()


@pytest.fixture
def champion(registry: RegistryInMemory) -> Champion:
    """One that watches version 7, and asks the registry in memory from now on."""
    champion = champion_of(Watched("7", small_bundle(), load_policy()))
    client = httpx.Client(transport=registry, base_url="http://registry")
    champion._registry = Registry(client, MODEL_NAME)  # noqa: SLF001 - it makes its own, with an address
    return champion


@pytest.mark.parametrize(
    "files",
    [
        {METADATA_FILE: b"[" * 100_000, BOOSTER_FILE: b""},
        {METADATA_FILE: b"{}", BOOSTER_FILE: b""},
        {METADATA_FILE: bytes(LARGEST_ANSWER + 1)},
        to_files(unequal(small_bundle())),
        to_files(small_bundle().model_copy(update={"reference": reference_of((10**15, 2))})),
        to_files(fine(small_bundle())),
    ],
    ids=["nested", "another format", "too large", "unequal", "reference", "fine"],
)
def test_the_last_champion_stays_and_the_next_is_followed(
    registry: RegistryInMemory, champion: Champion, files: dict[str, bytes]
) -> None:
    registry.versions = {"8": files, "9": to_files(small_bundle())}
    registry.aliases["champion"] = "8"
    champion.refresh()
    assert champion.current is not None
    assert champion.current.version == "7"
    registry.aliases["champion"] = "9"
    champion.refresh()
    assert champion.current.version == "9"


def test_a_version_that_is_no_number_is_not_followed(registry: RegistryInMemory, champion: Champion) -> None:
    registry.aliases["champion"] = "../8"
    champion.refresh()
    assert champion.current is not None
    assert champion.current.version == "7"
