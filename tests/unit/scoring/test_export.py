from pathlib import Path

import pytest

from services.kit.registry import RegistryError
from services.scorecard.bundle import METADATA_FILE, to_files
from services.scoring.export import export
from services.scoring.sealed_folder import SEAL_FILE
from services.scoring.sources import BundleFolder
from tests.models import small_bundle

FILES = to_files(small_bundle())


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SEAL_FILE}


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    export(tmp_path, "1", dict.fromkeys(FILES, b"earlier"))
    export(tmp_path, "1", FILES)
    assert content_of(tmp_path / "1") == FILES


def test_an_exported_bundle_that_was_changed_does_not_decide(tmp_path: Path) -> None:
    export(tmp_path, "1", FILES)
    folder = BundleFolder(tmp_path / "1", "octroi-scorecard")
    assert folder.bundle_files("1") == FILES
    (tmp_path / "1" / METADATA_FILE).write_bytes(to_files(small_bundle(seed=2))[METADATA_FILE])
    with pytest.raises(RegistryError, match=r"/1: its bundle.json is not the one that was registered"):
        folder.bundle_files("1")


def test_a_folder_that_holds_something_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "thesis.txt").write_bytes(b"of years")
    with pytest.raises(FileExistsError, match=r"1 holds thesis.txt, which is no file of a bundle.*--out$"):
        export(tmp_path, "1", FILES)
    assert content_of(tmp_path / "1") == {"thesis.txt": b"of years"}


def test_a_version_that_is_no_number_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="is no number"):
        export(tmp_path / "bundles", "..", FILES)
