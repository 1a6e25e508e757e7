"""The filters of the history."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

import streamlit as st

from services.contracts.events import OUTCOMES
from services.ui import palette
from services.ui.frame import go
from services.ui.listing import SORTS
from services.ui.reader import Reader

IN_ADDRESS: Final = ("outcome", "state", "channel", "sort")
DAYS: Final = ("from", "to")
STATES: Final = ("received", "decided", "dead")
CHANNELS: Final = ("branch", "web", "partner", "batch", "replay")
"""Those that are usual; another one can be typed."""
OFFERED: Final = {"outcome": OUTCOMES, "state": STATES, "sort": SORTS}


def draw_filters(reader: Reader) -> dict[str, str | int]:
    """Draw the filters and the search, and return what the gateway is to be asked for."""
    words = reader.words
    _take_from_address()
    first = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    with first[0]:
        _draw_search(reader)
    chosen: dict[str, str | int] = {}
    for place, (name, options) in enumerate(
        (("outcome", OUTCOMES), ("state", STATES), ("channel", CHANNELS)), start=1
    ):
        value = first[place].selectbox(
            words(f"history.{name}"),
            options,
            index=None,
            accept_new_options=name == "channel",
            key=f"history-{name}",
            placeholder=words("history.all"),
            format_func=partial(_word, name, reader),
            persist_state="session",
        )
        if value:
            chosen[name] = value
    second = st.columns([2, 2, 3, 2], vertical_alignment="bottom")
    begin = _day(second[0], "from", reader)
    end = _day(second[1], "to", reader)
    if begin:
        chosen["submitted_from"] = _midnight(begin, reader).isoformat()
    if end:
        chosen["submitted_to"] = _midnight(end + timedelta(days=1), reader).isoformat()
    chosen["sort"] = second[2].selectbox(
        words("history.sort"),
        SORTS,
        key="history-sort",
        format_func=lambda sort: words(f"history.sort_{sort}"),
        persist_state="session",
    )
    _put_into_address(chosen)
    return chosen


def _take_from_address() -> None:
    """Begin with what the address asks for, so that a reload or a link shows the same."""
    for name in (*IN_ADDRESS, *DAYS):
        given, key = st.query_params.get(name), f"history-{name}"
        if not given or key in st.session_state:
            continue
        if name in DAYS:
            with suppress(ValueError):
                st.session_state[key] = date.fromisoformat(given)
        elif name == "channel" or given in OFFERED[name]:
            st.session_state[key] = given


def _put_into_address(chosen: dict[str, str | int]) -> None:
    days = {name: st.session_state.get(f"history-{name}") for name in DAYS}
    told = {name: str(chosen[name]) for name in IN_ADDRESS if chosen.get(name)}
    told |= {name: day.isoformat() for name, day in days.items() if day}
    for name in (*IN_ADDRESS, *DAYS):
        if name in told:
            st.query_params[name] = told[name]
        elif name in st.query_params:
            del st.query_params[name]


def _word(name: str, reader: Reader, option: str) -> str:
    if name == "outcome":
        return f"{palette.SIGNS[option]} {reader.words(f'outcome.{option}')}"
    return reader.words(f"state.{option}") if name == "state" else option


def _day(place: st.delta_generator.DeltaGenerator, name: str, reader: Reader) -> date | None:
    form = "DD/MM/YYYY"
    day: date | None = place.date_input(
        reader.words(f"history.{name}"),
        value=None,
        key=f"history-{name}",
        format=form,
        persist_state="session",
    )
    return day


def _midnight(day: date, reader: Reader) -> datetime:
    return datetime.combine(day, time(), reader.zone)


def _draw_search(reader: Reader) -> None:
    words = reader.words
    with st.form("history-search", border=False, enter_to_submit=True):
        asked, button = st.columns([3, 1], vertical_alignment="bottom")
        hint = words("load.id_hint")
        found = asked.text_input(words("history.search"), key="history-id", placeholder=hint)
        if button.form_submit_button(words("history.open"), key="history-open") and found.strip():
            go("decision", reader, id=found.strip())
