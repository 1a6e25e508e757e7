import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.contracts.alerts import ChampionChanged, ModelRefused
from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, to_files
from services.scorecard.model import Model
from services.scoring.refusals import LOOKS_UNTIL_ASKED_AGAIN
from services.scoring.watch import Watch
from tests.models import small_bundle
from tests.unit.scoring.model_scene import RegistryThatLosesFiles, Scene, load, versions


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


def test_the_registry_going_away_changes_nothing(scene: Scene) -> None:
    scene.publish("1", "champion")
    keeper = scene.keeper()
    keeper.refresh()
    scene.registry.away = True
    keeper.refresh()
    assert versions(keeper) == ("1", None)


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
