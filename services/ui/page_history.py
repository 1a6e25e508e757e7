"""History: applications by the gateway's own pages."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from services.ui import palette
from services.ui.answers import Summary
from services.ui.frame import go, heading, note, told_when_away
from services.ui.history_filters import draw_filters
from services.ui.listing import MOST_EXPORTED, cursor_of, export
from services.ui.reach import gateway
from services.ui.reader import Reader, current_reader

ROWS: Final = 25
CURSORS, ASKED = "history-cursors", "history-asked"


def main() -> None:
    """Draw the page of applications that the filters ask for."""
    reader = current_reader()
    heading(reader.words("history.title"), reader.words("history.lead"))
    filters = draw_filters(reader)
    if st.session_state.get(ASKED) != filters:
        st.session_state[ASKED], st.session_state[CURSORS] = filters, [""]
    with told_when_away(reader):
        cursors: list[str] = st.session_state[CURSORS]
        begins = {"cursor": cursors[-1]} if cursors[-1] else {}
        page = gateway().page(filters | {"limit": ROWS} | begins)
        if not page.items:
            note("plain", "\u2013", reader.words("history.empty"))
            return
        _draw_table(page.items, reader)
        _draw_ways(cursor_of(page.next), filters, reader)


def _draw_table(items: tuple[Summary, ...], reader: Reader) -> None:
    words = reader.words
    table = pd.DataFrame(
        {
            words("history.column_outcome"): [_outcome(item, reader) for item in items],
            words("history.column_probability"): [item.probability_of_default for item in items],
            words("history.column_score"): [item.score for item in items],
            words("history.column_when"): [
                reader.forms.moment(reader.here(item.submitted_at)) for item in items
            ],
            words("history.column_channel"): [item.channel or "\u2013" for item in items],
            words("history.column_id"): [item.application_id for item in items],
        }
    )
    shown = table.style.format(
        {
            words("history.column_probability"): reader.forms.percent,
            words("history.column_score"): reader.forms.number,
        },
        na_rep="\u2013",
    )
    st.caption(words("history.open_hint"))
    event = st.dataframe(
        shown,
        key=f"history-table-{len(st.session_state[CURSORS])}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height="content",
    )
    if event.selection.rows:
        go("decision", reader, id=items[event.selection.rows[0]].application_id)


def _outcome(item: Summary, reader: Reader) -> str:
    if item.outcome is None:
        return f"… {reader.words(f'state.{item.state}')}"
    return f"{palette.SIGNS[item.outcome]} {reader.words(f'outcome.{item.outcome}')}"


def _draw_ways(following: str | None, filters: Mapping[str, str | int], reader: Reader) -> None:
    words = reader.words
    cursors: list[str] = st.session_state[CURSORS]
    with st.container(key="history-ways", horizontal=True, vertical_alignment="center"):
        st.button(
            words("history.previous"),
            key="history-previous",
            icon=":material/chevron_left:",
            disabled=len(cursors) == 1,
            on_click=_turn_back,
        )
        st.button(
            words("history.next"),
            key="history-next",
            icon=":material/chevron_right:",
            disabled=following is None,
            on_click=_turn,
            args=(following,),
        )
        st.caption(words("history.page", number=len(cursors)))
        st.download_button(
            words("history.export"),
            lambda: export(gateway(), filters),
            file_name="octroi-applications.csv",
            mime="text/csv",
            key="history-export",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(words("history.export_hint", rows=reader.forms.number(MOST_EXPORTED)))


def _turn(following: str) -> None:
    st.session_state[CURSORS] = [*st.session_state[CURSORS], following]


def _turn_back() -> None:
    st.session_state[CURSORS] = st.session_state[CURSORS][:-1]


if __name__ == "__main__":
    main()
