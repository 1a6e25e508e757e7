"""What the pages of decisions must know of the champion; without MLflow they do without."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from services.ui.model_registry import Champion
from services.ui.reach import registry
from services.ui.rest import AwayError, RefusedError

FRESH_FOR: Final = 60
"""Seconds after which the registry is asked again."""


@st.cache_data(ttl=FRESH_FOR, show_spinner=False, max_entries=1)
def champion_now() -> Champion | None:
    """Return the champion, or None where there is none. Raises AwayError and RefusedError."""
    return registry().champion()


@st.cache_data(show_spinner=False, max_entries=40)
def figures_of(champion: Champion, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON file of a version's card, which never changes, or None. Raises as above."""
    return registry().card_figures(champion, name)


@st.cache_data(show_spinner=False, max_entries=10)
def text_of(champion: Champion, name: str) -> str | None:
    """Return a text of a version's card, or None. Raises as above."""
    content = registry().card_file(champion, name)
    return None if content is None else content.decode()


def peers_of_champion() -> Any:  # noqa: ANN401 - JSON
    """Return how accepted and refused applicants differ, or None where nobody tells."""
    return _told("peers")


def base_rate() -> float | None:
    """Return the share of applicants who defaulted, or None where nobody tells."""
    calibration = _told("calibration")
    if not calibration or not sum(calibration["rows"]):
        return None
    pairs = zip(calibration["observed"], calibration["rows"], strict=True)
    return float(sum(observed * rows for observed, rows in pairs) / sum(calibration["rows"]))


def usual_amounts() -> Mapping[str, Mapping[str, float]]:
    """Return quantiles of the amounts that the champion learnt from by column; none where nobody tells."""
    return _told("usual") or {}


@st.cache_data(ttl=FRESH_FOR, show_spinner=False, max_entries=8)
def _told(name: str) -> Any:  # noqa: ANN401 - JSON
    # An absent registry is remembered too: a page of a decision must not wait for it each time.
    try:
        champion = champion_now()
        return None if champion is None else figures_of(champion, name)
    except (AwayError, RefusedError):
        return None
