from pathlib import Path

import pytest

from services.kit.registry import RegistryError
from services.scorecard.bundle import to_files
from services.scoring.export import export
from tests.models import small_bundle

FILES = to_files(small_bundle())


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    export(tmp_path, "1", dict.fromkeys(FILES, b"earlier"))
    export(tmp_path, "1", FILES)
    assert content_of(tmp_path / "1") == FILES


def test_a_folder_that_holds_something_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "thesis.txt").write_bytes(b"of years")
    with pytest.raises(FileExistsError, match=r"1 holds thesis.txt, which is no file of a bundle.*--out$"):
        export(tmp_path, "1", FILES)
    assert content_of(tmp_path / "1") == {"thesis.txt": b"of years"}


def test_a_version_that_is_no_number_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="is no number"):
        export(tmp_path / "bundles", "..", FILES)
