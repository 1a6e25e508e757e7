"""What if: sliders, and what the engine would decide. Nothing is written."""

import streamlit as st

from services.ui.answers import Cells, Decision
from services.ui.frame import heading, note, told_when_away
from services.ui.loan_terms import QUANTITIES, Loan, Quantity, loan_of, range_of
from services.ui.reach import gateway
from services.ui.reader import Reader, current_reader
from services.ui.shown import find, last_id
from services.ui.taken import is_valid
from services.ui.trying import try_out
from services.ui.whatif_parts import draw_answer, draw_curve, draw_turns, name_of

NOW, ABOUT = "what-if-now", "what-if-about"
"""Where the loan of the sliders is kept, and which application it belongs to."""


def main() -> None:
    """Draw the sliders of the application that the address names, and the answers."""
    reader = current_reader()
    words = reader.words
    heading(words("whatif.title"), words("whatif.lead"))
    application_id = st.query_params.get("id") or last_id()
    if application_id is None:
        note("plain", "→", words("whatif.none"))
        return
    st.query_params["id"] = application_id
    with told_when_away(reader):
        application = find(application_id)
        if application is None:
            note("careful", "?", words("decision.unknown", id=application_id))
        elif application.application is None:
            note("careful", "?", words("whatif.without_cells"))
        elif not is_valid(application.application):
            note("careful", "!", words("whatif.invalid"))
        else:
            _draw(application_id, application.application, application.decision, reader)


def _draw(application_id: str, cells: Cells, handed_in: Decision | None, reader: Reader) -> None:
    origin = loan_of(cells)
    if st.session_state.get(ABOUT) != application_id:
        _take(application_id, origin)
    left, right = st.columns([2, 3], gap="large")
    with left, st.container(border=True, key="card-sliders"):
        _draw_sliders(application_id, origin, reader)
    with right:
        tried = try_out(gateway(), cells, origin, st.session_state[NOW])
        if tried is None:
            note("careful", "!", reader.words("whatif.invalid"))
            return
        draw_answer(tried, handed_in, reader)
        draw_turns(tried, cells, st.session_state[NOW], reader)
    draw_curve(tried, st.session_state[NOW].amount, reader)


def _draw_sliders(application_id: str, origin: Loan, reader: Reader) -> None:
    for quantity in QUANTITIES:
        found, value = range_of(quantity, origin), st.session_state[NOW].value(quantity)
        if found is None or value is None:
            continue
        least, most, step = found
        key, shown = f"slide:{quantity}", round(value / step) * step
        least, most = min(least, shown), max(most, shown)
        st.session_state[key] = shown
        st.slider(
            name_of(quantity, reader),
            least,
            most,
            step=step,
            key=key,
            format="localized",
            on_change=_move,
            args=(quantity, key),
        )
    st.caption(reader.words("whatif.linked"))
    st.button(
        reader.words("whatif.reset"),
        key="what-if-reset",
        icon=":material/restart_alt:",
        on_click=_take,
        args=(application_id, origin),
    )


def _take(application_id: str, origin: Loan) -> None:
    st.session_state[ABOUT] = application_id
    st.session_state[NOW] = origin


def _move(quantity: Quantity, key: str) -> None:
    st.session_state[NOW] = st.session_state[NOW].moved(quantity, st.session_state[key])


if __name__ == "__main__":
    main()
