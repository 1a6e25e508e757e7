import json
from collections.abc import Callable

import pytest

from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, Bundle, BundleError, from_files, to_files
from tests.models import small_bundle

BUNDLE = small_bundle()
Files = dict[str, bytes]


def test_a_bundle_survives_its_files() -> None:
    assert from_files(to_files(BUNDLE)) == BUNDLE


def test_two_saves_are_equal_to_the_byte() -> None:
    assert to_files(from_files(to_files(BUNDLE))) == to_files(BUNDLE)
    reordered = BUNDLE.model_copy(update={"metrics": {"b": 1.0, "a": 2.0}})
    assert to_files(reordered) == to_files(BUNDLE.model_copy(update={"metrics": {"a": 2.0, "b": 1.0}}))


def test_the_metadata_is_for_people_too() -> None:
    metadata = json.loads(to_files(BUNDLE)[METADATA_FILE])
    assert metadata["threshold"] == BUNDLE.threshold
    assert metadata["costs"] == {"false_negative": 10, "false_positive": 1}
    assert metadata["booster_bytes"] == len(BUNDLE.booster)
    assert "booster" not in metadata


def _without(name: str) -> Callable[[Files], Files]:
    return lambda files: {other: text for other, text in files.items() if other != name}


def _changed(**fields: object) -> Callable[[Files], Files]:
    return lambda files: (
        files | {METADATA_FILE: json.dumps(json.loads(files[METADATA_FILE]) | fields).encode()}
    )


def _as_version_1(files: Files) -> Files:
    return {**_changed(format_version=1)({METADATA_FILE: files[METADATA_FILE]}), "booster.ubj": b"{"}


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (_without(METADATA_FILE), "bundle.json: not in the bundle, which has booster.json"),
        (_without(BOOSTER_FILE), "booster.json: not in the bundle"),
        (
            lambda files: files | {BOOSTER_FILE: files[BOOSTER_FILE][:-1]},
            "bytes instead of",
        ),
        (lambda files: files | {BOOSTER_FILE: b"x" * len(files[BOOSTER_FILE])}, "booster.json: its sha256"),
        (lambda files: files | {METADATA_FILE: b"{"}, "bundle.json: is not JSON"),
        (lambda files: files | {METADATA_FILE: b"\xff\xfe"}, "bundle.json: is not JSON"),
        (lambda files: files | {METADATA_FILE: b"[" * 100_000}, "bundle.json: is not JSON"),
        (lambda files: files | {METADATA_FILE: b"[]"}, "bundle.json: is not a JSON object"),
        (_changed(format_version=4), "bundle.json: its format_version is 4, this release reads 3"),
        (_as_version_1, "bundle.json: its format_version is 1, this release reads 3"),
        (_changed(probe={"base_margin": 0, "rows": [], "margins": "", "contributions": []}), "probe.rows"),
        (_changed(threshold=1.5), "threshold"),
        (_changed(colour="red"), "colour"),
    ],
)
def test_a_damaged_bundle_is_refused_with_what_to_do(damage: Callable[[Files], Files], fault: str) -> None:
    with pytest.raises(BundleError) as raised:
        from_files(damage(to_files(BUNDLE)))
    assert fault in str(raised.value)
    assert "train and register the model again" in str(raised.value)


def test_metrics_are_numbers() -> None:
    with pytest.raises(ValueError, match=r"metrics\.auc"):
        Bundle.model_validate({**dict(BUNDLE), "metrics": {"auc": float("nan")}})
