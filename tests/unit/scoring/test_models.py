import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.contracts.alerts import ChampionChanged, ModelRefused
from services.kit.registry import Registry, RegistryError
from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, REFERENCE_FILE, from_files, to_files
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scoring.cache import ALIASES, BundleCache
from services.scoring.models import Load, ModelKeeper, model_keeper
from services.scoring.refusals import LOOKS_UNTIL_ASKED_AGAIN
from services.scoring.settings import RegistrySettings
from services.scoring.watch import Watch
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


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "models")


def versions(keeper: ModelKeeper) -> tuple[str | None, str | None]:
    return keeper.current.version("champion"), keeper.current.version("challenger")


def test_the_aliases_are_followed(scene: Scene) -> None:
    keeper = scene.keeper()
    keeper.refresh()
    assert versions(keeper) == (None, None)
    scene.publish("1", "champion")
    keeper.refresh()
    scene.publish("2", "challenger", seed=2)
    keeper.refresh()
    assert versions(keeper) == ("1", "2")
    scene.registry.aliases = {"champion": "2"}
    keeper.refresh()
    assert versions(keeper) == ("2", None)


def test_a_batch_keeps_the_models_that_it_began_with(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    begun_with = keeper.current
    scene.publish("2", "champion", seed=2)
    keeper.refresh()
    assert begun_with.version("champion") == "1"
    assert keeper.current.version("champion") == "2"


def test_a_bundle_that_cannot_be_loaded_leaves_the_old_champion(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.versions["2"] = {"bundle.json": b"{}", "booster.json": b""}
    scene.registry.aliases["champion"] = "2"
    keeper.refresh()
    assert versions(keeper) == ("1", None)
    (refusal,) = keeper.refusals()
    assert (refusal.identity.version, refusal.identity.role) == ("2", "champion")
    assert refusal.reason.startswith("bundle.json: ")
    scene.publish("3", "champion", seed=3)
    keeper.refresh()
    assert versions(keeper) == ("3", None)
    assert keeper.refusals() == ()


NESTED = b"[" * 100_000


@pytest.mark.parametrize("file", [METADATA_FILE, BOOSTER_FILE])
def test_a_bundle_nested_too_deeply_is_refused_now_and_at_a_restart(scene: Scene, file: str) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    booster = small_bundle().model_copy(update={"booster": NESTED})
    scene.registry.versions["2"] = to_files(booster) | ({file: NESTED} if file == METADATA_FILE else {})
    scene.registry.aliases["champion"] = "2"
    keeper.refresh()
    started = scene.keeper()
    started.refresh()
    assert versions(keeper) == versions(started) == ("1", None)
    assert [refusal.identity.version for refusal in started.refusals()] == ["2"]


def test_a_bundle_that_fails_in_a_way_nobody_foresaw_leaves_the_old_champion(scene: Scene) -> None:
    def failing(files: Mapping[str, bytes]) -> Model:
        if files != scene.registry.versions["1"]:
            raise IndexError("nobody foresaw it")
        return load(files)

    scene.publish("1", "champion")
    keeper = scene.keeper(failing)
    keeper.refresh()
    scene.publish("2", "champion", seed=2)
    keeper.refresh()
    assert versions(keeper) == ("1", None)
    assert [refusal.reason for refusal in keeper.refusals()] == ["IndexError('nobody foresaw it')"]


@pytest.mark.parametrize("version", ["../../outside", "/tmp", "1/../2", "", "latest", "1" * 19])  # noqa: S108
def test_a_version_that_is_no_number_becomes_no_path(scene: Scene, version: str) -> None:
    scene.publish("1", "champion")
    scene.publish("2", "challenger", seed=2)
    scene.registry.versions[version] = scene.registry.versions["2"]
    scene.registry.aliases["champion"] = version
    keeper = scene.keeper()
    keeper.refresh()
    assert versions(keeper) == (None, "2")
    assert sorted(path.name for path in scene.folder.parent.rglob("*") if path.is_dir()) == ["2", "models"]


@pytest.mark.parametrize("version", ["../outside", "", "latest"])
def test_no_copy_is_kept_or_used_of_a_version_that_is_no_number(scene: Scene, version: str) -> None:
    cache = BundleCache(scene.folder)
    with pytest.raises(RegistryError, match="is no number"):
        cache.keep(version, {})
    (scene.folder.parent / "outside").mkdir(parents=True)
    cache.remember("champion", version)
    assert cache.remembered("champion") is None


def test_only_the_files_of_a_bundle_are_copied(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.registry.versions["1"] = {**scene.registry.versions["1"], "notes.txt": b"of somebody"}
    scene.keeper().refresh()
    copied = {path.name for path in (scene.folder / "1").iterdir()}
    assert copied == {METADATA_FILE, BOOSTER_FILE, REFERENCE_FILE}


def test_an_alias_that_goes_back_takes_the_refusal_with_it(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.versions["2"] = {"bundle.json": b"{}", "booster.json": b""}
    scene.registry.aliases["champion"] = "2"
    keeper.refresh()
    assert keeper.refusals()
    scene.registry.aliases["champion"] = "1"
    keeper.refresh()
    assert keeper.refusals() == ()


async def test_operators_are_told_once_of_what_changes_and_of_what_cannot_be_used(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper, watch, stop = scene.keeper(), Watch("scoring-1"), asyncio.Event()
    following = asyncio.create_task(watch.follow_registry(keeper, timedelta(milliseconds=1), stop))
    await alerts_of(watch, 1)
    scene.registry.versions["2"] = {"bundle.json": b"{}", "booster.json": b""}
    scene.registry.aliases["champion"] = "2"
    await alerts_of(watch, 2)
    scene.publish("3", "champion", seed=3)
    await alerts_of(watch, 3)
    stop.set()
    await following
    first, refused, last = watch.pending()
    assert isinstance(first, ChampionChanged)
    assert first.current_version == "1"
    assert isinstance(refused, ModelRefused)
    assert (refused.model_version, refused.role, refused.instance) == ("2", "champion", "scoring-1")
    assert isinstance(last, ChampionChanged)
    assert (last.previous_version, last.current_version) == ("1", "3")


async def alerts_of(watch: Watch, number: int) -> None:
    async with asyncio.timeout(20):
        while len(watch.pending()) < number:  # noqa: ASYNC110 - nobody tells of alerts
            await asyncio.sleep(0.001)


def test_copies_on_disk_serve_a_start_without_the_registry(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.publish("2", "challenger", seed=2)
    scene.keeper().refresh()
    scene.registry.away = True
    started = scene.keeper()
    started.refresh()
    assert versions(started) == ("1", "2")


def test_the_registry_going_away_changes_nothing(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.away = True
    keeper.refresh()
    assert versions(keeper) == ("1", None)


def test_copies_of_versions_that_nobody_names_are_dropped(scene: Scene) -> None:
    keeper = scene.keeper()
    for version in ("1", "2", "3"):
        scene.publish(version, "champion", seed=int(version))
        keeper.refresh()
    assert {path.name for path in scene.folder.iterdir() if path.is_dir()} == {"3"}


def assert_a_start_waits_for_the_registry(scene: Scene) -> None:
    scene.registry.away = True
    started = scene.keeper()
    started.refresh()
    assert versions(started) == (None, None)
    scene.registry.away = False
    started.refresh()
    assert versions(started) == ("1", None)


def test_a_damaged_copy_is_no_champion(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    (scene.folder / "1" / "booster.json").write_bytes(b"damaged")
    assert_a_start_waits_for_the_registry(scene)


def test_a_start_uses_the_copy_while_the_alias_names_a_version_that_cannot_be_loaded(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    scene.registry.versions["2"] = {"bundle.json": b"{}", "booster.json": b""}
    scene.registry.aliases["champion"] = "2"
    started = scene.keeper()
    started.refresh()
    assert versions(started) == ("1", None)
    scene.publish("3", "champion", seed=3)
    started.refresh()
    assert versions(started) == ("3", None)


def test_a_disk_that_takes_no_copies_keeps_no_model_away(scene: Scene) -> None:
    scene.folder.write_text("a file where the folder should be")
    scene.publish("1", "champion")
    scene.publish("2", "challenger", seed=2)
    keeper = scene.keeper()
    keeper.refresh()
    assert versions(keeper) == ("1", "2")
    del scene.registry.aliases["challenger"]
    keeper.refresh()
    assert versions(keeper) == ("1", None)


def test_damaged_notes_on_the_aliases_are_written_anew(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    (scene.folder / "aliases.json").write_text("")
    scene.keeper().refresh()
    scene.registry.away = True
    started = scene.keeper()
    started.refresh()
    assert versions(started) == ("1", None)


@pytest.mark.parametrize(
    "notes",
    ["null", "3", "[1]", '"champion"', '{"champion": null}', "[" * 100_000],
    ids=lambda notes: notes[:20],
)
def test_notes_that_hold_no_aliases_hold_nobody_up(scene: Scene, notes: str) -> None:
    scene.folder.mkdir()
    (scene.folder / ALIASES).write_text(notes)
    scene.registry.away = True
    keeper = scene.keeper()
    keeper.refresh()
    assert versions(keeper) == (None, None)
    scene.registry.away = False
    scene.publish("1", "champion")
    keeper.refresh()
    assert versions(keeper) == ("1", None)
    assert BundleCache(scene.folder).remembered("champion") == "1"


def test_a_model_in_memory_needs_no_disk_that_can_be_read(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    (scene.folder / ALIASES).unlink()
    (scene.folder / ALIASES).mkdir()
    scene.registry.away = True
    keeper.refresh()
    assert versions(keeper) == ("1", None)


@pytest.mark.parametrize("unreadable", [ALIASES, f"1/{BOOSTER_FILE}"])
def test_a_start_without_copies_that_can_be_read_waits_for_the_registry(
    scene: Scene, unreadable: str
) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    (scene.folder / unreadable).unlink()
    (scene.folder / unreadable).mkdir()
    assert_a_start_waits_for_the_registry(scene)


def test_a_version_of_another_kind_is_refused_and_not_asked_for_at_every_look(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.versions["2"] = {}
    scene.registry.aliases["champion"] = "2"
    keeper.refresh()
    (refusal,) = keeper.refusals()
    assert (refusal.identity.version, refusal.identity.role) == ("2", "champion")
    assert refusal.reason.startswith("version 2 has no files under artifacts/bundle")
    scene.registry.asked.clear()
    for _ in range(LOOKS_UNTIL_ASKED_AGAIN - 1):
        keeper.refresh()
    assert {path.rpartition("/")[2] for path in scene.registry.asked} == {"get"}
    assert (versions(keeper), keeper.refusals()) == (("1", None), (refusal,))


def test_a_version_that_could_not_be_fetched_is_asked_for_again(scene: Scene) -> None:
    scene.registry.versions["1"] = {}
    scene.registry.aliases["champion"] = "1"
    keeper = scene.keeper()
    keeper.refresh()
    assert keeper.refusals()
    scene.publish("1", "champion")
    for _ in range(LOOKS_UNTIL_ASKED_AGAIN):
        keeper.refresh()
    assert versions(keeper) == ("1", None)
    assert keeper.refusals() == ()


def test_a_copy_of_the_version_that_cannot_be_fetched_is_in_use_and_not_refused(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    scene.registry.versions["1"] = {}
    started = scene.keeper()
    started.refresh()
    assert (versions(started), started.refusals()) == (("1", None), ())


def test_a_version_that_the_registry_is_away_for_is_not_refused(scene: Scene) -> None:
    scene.registry = registry = RegistryThatLosesFiles()
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    assert (versions(keeper), keeper.refusals()) == ((None, None), ())
    registry.files_away = False
    keeper.refresh()
    assert versions(keeper) == ("1", None)


def test_why_there_is_no_champion_is_said(scene: Scene) -> None:
    keeper = scene.keeper()

    def said() -> str:
        keeper.refresh()
        return str(keeper.current.without_champion)

    assert said() == "None"
    scene.registry.versions["2"] = {}
    scene.registry.aliases["champion"] = "2"
    assert said().startswith("the champion, octroi-scorecard version 2, was refused: version 2 has no files")
    scene.registry.away = True
    assert said().startswith("no champion is known: the registry is away")
    scene.registry.away = False
    scene.registry.page = "<html></html>"
    assert "does not answer as MLflow does" in said()
    scene.registry.page = None
    scene.publish("3", "champion")
    assert said() == "None"


@pytest.mark.parametrize("page", ["<html></html>", "[]", "{}"])
def test_a_server_that_is_no_registry_changes_nothing(scene: Scene, page: str) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.page = page
    keeper.refresh()
    started = scene.keeper()
    started.refresh()
    assert versions(keeper) == versions(started) == ("1", None)


def test_a_champion_that_cannot_be_fetched_keeps_no_challenger_away(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.versions["2"] = {"bundle.json": b"{}", "booster.json": b""}
    scene.registry.aliases["champion"] = "2"
    scene.publish("3", "challenger", seed=3)
    keeper.refresh()
    started = scene.keeper()
    started.refresh()
    assert versions(keeper) == versions(started) == ("1", "3")


def test_the_copies_of_one_name_are_never_used_for_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.publish("1", "champion")
    monkeypatch.setenv("OCTROI_MODEL_CACHE", str(scene.folder))
    # Nobody listens on the reserved port, so that both start from copies.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    own = BundleCache(scene.folder / NAME)
    own.keep("1", scene.registry.versions["1"])
    own.remember("champion", "1")
    found = {}
    for name in (NAME, "another"):
        monkeypatch.setenv("OCTROI_MODEL_NAME", name)
        keeper = model_keeper(RegistrySettings(), standard_catalogue())
        keeper.refresh()
        found[name] = versions(keeper)
    assert found == {NAME: ("1", None), "another": (None, None)}
