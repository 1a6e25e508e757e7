"""How much a bundle may hold: what it takes to read one and to use it is bounded, whatever its files say."""

from collections.abc import Mapping
from typing import Any, Final

from services.scorecard.curves import Curve
from services.scorecard.probe import Probe
from services.scorecard.reasons import Reasons

LARGEST_METADATA: Final = 4 * 1024 * 1024
"""Bytes. Training writes 0.4 MB, and JSON takes up to twenty times as much memory when it is read."""
MOST_VALUES: Final = 100_000
"""In all lists and objects of the metadata. Training writes 14,000, and one that is not what it must be takes
a kilobyte of memory until it is told."""
MOST_FEATURES: Final = 1000
"""Columns of a booster, and curves. The catalogue has 144, and a name is compared with all patterns."""
MOST_POINTS: Final = 1000
"""Of a curve. Training makes one for each word at most, of which a feature has 57; the tables of all curves
have as much room for each as the longest needs, 24 bytes a point."""
MOST_PATTERNS: Final = 500
"""Names or patterns of features, and groups. This release has 63 in 28 groups."""
LONGEST_PATTERN: Final = 200
"""Characters. It becomes a regular expression."""
MOST_PROBE_ROWS: Final = 1000
"""Training writes 64. Each is explained by each group."""


def check_bytes(metadata: bytes) -> None:
    """Raise ValueError where the metadata are too long to be read."""
    if len(metadata) > LARGEST_METADATA:
        raise ValueError(f"has {len(metadata)} bytes, at most {LARGEST_METADATA} are read")


def check_values(metadata: Mapping[str, Any]) -> None:
    """Raise ValueError where lists and objects hold more values than are looked at."""
    found, waiting = 0, [list(metadata.values())]
    while waiting:
        values = waiting.pop()
        found += len(values)
        if found > MOST_VALUES:
            raise ValueError(f"has more than {MOST_VALUES} values in its lists and objects")
        waiting.extend(list(each.values()) for each in values if isinstance(each, dict))
        waiting.extend(each for each in values if isinstance(each, list))


def short(curves: tuple[Curve, ...]) -> tuple[Curve, ...]:
    """Return the curves. Raises ValueError where there are too many, or one has too many points."""
    _check(len(curves), MOST_FEATURES, "curves")
    for curve in curves:
        _check(len(curve.points), MOST_POINTS, f"points of {curve.feature}")
    return curves


def few(reasons: Reasons) -> Reasons:
    """Return the reasons. Raises ValueError where there are too many groups or patterns, or a long one."""
    patterns = [pattern for group in reasons.groups for pattern in group.features]
    _check(len(patterns), MOST_PATTERNS, "patterns of features")
    for pattern in patterns:
        _check(len(pattern), LONGEST_PATTERN, "characters in a pattern")
    return reasons


def small(probe: Probe) -> Probe:
    """Return the probe. Raises ValueError where it has too many rows."""
    _check(len(probe.rows), MOST_PROBE_ROWS, "rows")
    return probe


def _check(found: int, most: int, what: str) -> None:
    if found > most:
        raise ValueError(f"has {found} {what}, at most {most} are read")
