"""Copies of the models in use: a start without the registry goes on from them."""

import pytest

from services.kit.registry import RegistryError
from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, REFERENCE_FILE
from services.scorecard.standard import standard_catalogue
from services.scoring.cache import ALIASES, BundleCache
from services.scoring.models import model_keeper
from services.scoring.sealed_folder import SEAL_FILE
from services.scoring.settings import RegistrySettings
from tests.unit.scoring.model_scene import NAME, Scene, versions


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
    assert copied == {METADATA_FILE, BOOSTER_FILE, REFERENCE_FILE, SEAL_FILE}


def test_copies_on_disk_serve_a_start_without_the_registry(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.publish("2", "challenger", seed=2)
    scene.keeper().refresh()
    scene.registry.away = True
    started = scene.keeper()
    started.refresh()
    assert versions(started) == ("1", "2")


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


@pytest.mark.parametrize("file", [METADATA_FILE, BOOSTER_FILE, SEAL_FILE])
def test_a_damaged_copy_is_no_champion(scene: Scene, file: str) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    copied = scene.folder / "1" / file
    held = copied.read_bytes()
    # Of the metadata a number alone, so that they can be read as well as before.
    changed = held.replace(b'"threshold": 0.', b'"threshold": 0.9') if file == METADATA_FILE else held[1:]
    copied.write_bytes(changed)
    assert_a_start_waits_for_the_registry(scene)


def test_a_copy_without_its_seal_is_no_champion(scene: Scene) -> None:
    scene.publish("1", "champion")
    scene.keeper().refresh()
    (scene.folder / "1" / SEAL_FILE).unlink()
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
