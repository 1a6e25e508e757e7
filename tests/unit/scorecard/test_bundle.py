import json
from collections.abc import Callable

import pytest

from services.scorecard.bundle import BundleError, from_files, to_files
from tests.models import small_bundle

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def saved() -> Files:
    return to_files(small_bundle())


def test_a_bundle_comes_back_equal(saved: Files) -> None:
    assert from_files(saved) == small_bundle()


def test_the_same_bundle_gives_the_same_bytes(saved: Files) -> None:
    assert to_files(small_bundle()) == saved
    assert to_files(from_files(saved)) == saved


def test_another_bundle_gives_other_bytes(saved: Files) -> None:
    assert to_files(small_bundle(threshold=0.2))["bundle.json"] != saved["bundle.json"]


def metadata_with(**changes: object) -> Callable[[Files], Files]:
    def changed(files: Files) -> Files:
        metadata = json.loads(files["bundle.json"]) | changes
        return {**files, "bundle.json": json.dumps(metadata).encode()}

    return changed


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: content for other, content in files.items() if other != name}


def instead(name: str, content: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: content}


DAMAGES = {
    "no metadata": (without("bundle.json"), "bundle.json: not in the bundle, which has booster.ubj"),
    "no booster": (without("booster.ubj"), "booster.ubj: not in the bundle, which has bundle.json"),
    "nothing": (lambda _: {}, "bundle.json: not in the bundle, which has no files"),
    "metadata cut off": (instead("bundle.json", b'{"format_version": 1,'), "bundle.json: is not JSON"),
    "metadata not text": (instead("bundle.json", b"\xff\xfe\x00"), "bundle.json: is not JSON"),
    "metadata a list": (instead("bundle.json", b"[1]"), "bundle.json: is not a JSON object"),
    "other version": (metadata_with(format_version=2), "bundle.json: its format_version is 2"),
    "unknown field": (metadata_with(colour="red"), "bundle.json: .*colour"),
    "impossible threshold": (metadata_with(threshold=1.5), "bundle.json: .*threshold"),
    "no features": (metadata_with(features=[]), "bundle.json: .*features"),
    "no size": (metadata_with(booster_bytes=None), "booster.ubj: has .* bytes instead of None"),
    "other digest": (metadata_with(booster_sha256="0"), "booster.ubj: its sha256 is not 0"),
    "booster empty": (instead("booster.ubj", b""), "booster.ubj: has 0 bytes"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_fault_names_the_file_and_the_cure(
    saved: Files, damage: Callable[[Files], Files], message: str
) -> None:
    with pytest.raises(BundleError, match=f"(?s)^{message}.*train and register the model again"):
        from_files(damage(saved))


def test_one_changed_byte_of_the_booster_is_found(saved: Files) -> None:
    booster = bytearray(saved["booster.ubj"])
    booster[len(booster) // 2] ^= 1
    with pytest.raises(BundleError, match=r"^booster\.ubj: its sha256"):
        from_files({**saved, "booster.ubj": bytes(booster)})
