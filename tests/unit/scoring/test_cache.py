from pathlib import Path

import pytest

from services.scoring.cache import BundleCache


def test_a_copy_that_cannot_be_written_leaves_the_former_one_and_nothing_else(tmp_path: Path) -> None:
    cache = BundleCache(tmp_path)
    cache.keep("1", {"booster.json": b"first"})
    with pytest.raises(OSError, match="no-such-folder"):
        cache.keep("1", {"booster.json": b"second", "no-such-folder/profile.json": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
    assert cache.files("1") == {"booster.json": b"first"}
