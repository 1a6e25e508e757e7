import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, Bundle, BundleError, from_files, to_files
from services.scorecard.bundle_limits import LARGEST_METADATA, MOST_VALUES
from services.scorecard.profile import REFERENCE_ROWS
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


def _with(name: str, **fields: object) -> Callable[[Files], Files]:
    """Change fields of a part of the metadata."""
    return lambda files: _changed(**{name: json.loads(files[METADATA_FILE])[name] | fields})(files)


def _with_distribution(**fields: object) -> Callable[[Files], Files]:
    """Change fields of the first monitored feature's distribution."""

    def damage(files: Files) -> Files:
        profile = json.loads(files[METADATA_FILE])["reference_profile"]
        profile["features"][0] |= fields
        return _changed(reference_profile=profile)(files)

    return damage


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
        (_changed(features=[0] * 21), "22 values are not what they must be"),
        (_changed(booster_sha256="0" * 1000), f"its sha256 is not {'0' * 80}; "),
    ],
)
def test_a_damaged_bundle_is_refused_with_what_to_do(damage: Callable[[Files], Files], fault: str) -> None:
    with pytest.raises(BundleError) as raised:
        from_files(damage(to_files(BUNDLE)))
    assert fault in str(raised.value)
    assert "train and register the model again" in str(raised.value)


BINS = {"edges": [*range(1, 501)], "shares": [0.001] * 501, "means": [*range(501)]}
CURVE = {"feature": "EXT_SOURCE_2", "points": [0], "log_odds": [0], "missing": 0}
LONG = {"points": [*range(1001)], "log_odds": [0] * 1001}
GROUP = {"code": "OTHER", **dict.fromkeys(("against_en", "against_fr", "for_en", "for_fr"), "x")}


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (
            lambda files: files | {METADATA_FILE: files[METADATA_FILE].ljust(LARGEST_METADATA + 1)},
            f"bundle.json: has {LARGEST_METADATA + 1} bytes, at most {LARGEST_METADATA} are read",
        ),
        (_changed(metrics={"x": [[], {"y": [0] * MOST_VALUES}]}), f"has more than {MOST_VALUES} values"),
        (
            _changed(features=[{"name": "A", "definition": "a"}] * 1001),
            "features\n  Tuple should have at most",
        ),
        (_changed(curves=[CURVE] * 1001), "has 1001 curves, at most 1000 are read"),
        (_changed(curves=[CURVE | LONG]), "has 1001 points of EXT_SOURCE_2, at most 1000 are read"),
        (_with("reasons", groups=[GROUP | {"features": ["*"] * 501}]), "has 501 patterns of features"),
        (_with("reasons", groups=[GROUP | {"features": ["*" * 201]}]), "has 201 characters in a pattern"),
        (_with("probe", rows=[""] * 1001), "has 1001 rows, at most 1000 are read"),
        (_with_distribution(**BINS), "shares\n  Tuple should have at most 500 items"),
        (_with_distribution(name="A" * 201), "name\n  String should have at most 200 characters"),
        (_with_distribution(edges=[]), "edges, means, labels: must be"),
        (_with_distribution(means=[0]), "edges, means, labels: must be"),
        (_with_distribution(labels=["a"]), "edges, means, labels: must be"),
        (_with_distribution(shares=[]), "shares\n  Tuple should have at least 1 item"),
        (_with_distribution(deviation=float("nan")), "deviation\n  Input should be a finite number"),
        (_with_distribution(missing=float("inf")), "missing\n  Input should be a finite number"),
    ],
    ids=lambda given: given.replace("\n  ", " ") if isinstance(given, str) else "",
)
def test_more_than_any_bundle_needs_is_refused(damage: Callable[[Files], Files], fault: str) -> None:
    with pytest.raises(BundleError) as raised:
        from_files(damage(to_files(BUNDLE)))
    assert fault in str(raised.value)
    assert len(str(raised.value)) < 2_000


def test_more_features_than_any_tick_compares_are_refused() -> None:
    profile = json.loads(to_files(BUNDLE)[METADATA_FILE])["reference_profile"]
    many = _changed(reference_profile=profile | {"features": profile["features"][:1] * 101})
    with pytest.raises(BundleError, match="Tuple should have at most 100 items"):
        from_files(many(to_files(BUNDLE)))


def test_metrics_are_numbers() -> None:
    with pytest.raises(ValueError, match=r"metrics\.auc"):
        Bundle.model_validate({**dict(BUNDLE), "metrics": {"auc": float("nan")}})


def _saved(array: np.ndarray[Any, Any], **options: Any) -> bytes:  # noqa: ANN401 - as numpy takes them
    content = BytesIO()
    np.lib.format.write_array(content, array, **options)
    return content.getvalue()


def _with_header(header: str, rows: bytes = bytes(16), version: bytes = b"\x01\x00") -> bytes:
    """Return rows behind a header that says anything, padded as numpy pads it."""
    padded = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY" + version + len(padded).to_bytes(2, "little") + padded + rows


def _shape(shape: str, descr: str = "'<f4'", order: str = "False") -> bytes:
    return _with_header(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}")


ROWS = np.arange(4, dtype=np.float32).reshape(2, 2)
NO_ROWS = "is no table of float32 numbers as numpy saves them"


def _of_reference(content: bytes) -> Files:
    return to_files(BUNDLE.model_copy(update={"reference": content}))


@pytest.mark.parametrize(
    "rows", [ROWS, ROWS[:1], ROWS[:0], np.zeros((REFERENCE_ROWS, 2), np.float32)], ids=len
)
def test_rows_of_the_monitored_features_are_taken_as_they_are(rows: np.ndarray[Any, Any]) -> None:
    assert from_files(_of_reference(_saved(rows))).reference == _saved(rows)


@pytest.mark.parametrize(
    ("reference", "fault"),
    [
        (b"some rows", NO_ROWS),
        (b"\x93NUMPY", NO_ROWS),
        (_saved(ROWS)[:60], NO_ROWS),
        (_saved(ROWS, version=(2, 0)), NO_ROWS),
        (_saved(ROWS.astype(object)), NO_ROWS),
        (_saved(ROWS.astype(np.float64)), NO_ROWS),
        (_saved(ROWS.astype(">f4")), NO_ROWS),
        (_saved(np.asfortranarray(ROWS)), NO_ROWS),
        (_saved(ROWS.ravel()), NO_ROWS),
        (_saved(ROWS.reshape(1, 2, 2)), NO_ROWS),
        (_shape("(-2, 2)"), NO_ROWS),
        (_shape("(2, 2)", descr="[('a', '<f4')]"), NO_ROWS),
        (_with_header("(" * 117), NO_ROWS),
        (_saved(ROWS[:0]).replace(b"v\0", b"\xff\xff"), NO_ROWS),
        (_saved(ROWS[:, :1]), "has 1 columns, and 2 features are monitored"),
        (_shape(f"({10**15}, 2)"), f"has {10**15} rows, at most {REFERENCE_ROWS} are read"),
        (_shape(f"({10**300}, 2)"), NO_ROWS),
        (_shape("(9999, 2)"), "has 16 bytes of numbers, its rows 79992"),
        (_saved(ROWS)[:-1], "has 15 bytes of numbers, its rows 16"),
        (_saved(ROWS) + b"\0", "has 17 bytes of numbers, its rows 16"),
    ],
    ids=lambda given: "" if isinstance(given, bytes) else given[:24],
)
def test_reference_rows_that_are_none_are_refused_by_their_header(reference: bytes, fault: str) -> None:
    with pytest.raises(BundleError) as raised:
        from_files(_of_reference(reference))
    assert f"reference.npy: {fault}" in str(raised.value)
    assert "train and register the model again" in str(raised.value)
