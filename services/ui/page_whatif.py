"""What if: sliders, and what the engine would decide. Nothing is written."""

from html import escape

import httpx
import streamlit as st

from services.ui import palette
from services.ui.answers import Cells, Decision
from services.ui.figures import CONFIG
from services.ui.figures_whatif import curve
from services.ui.frame import heading, note, section, told_when_away
from services.ui.loan_terms import QUANTITIES, Loan, Quantity, loan_of, range_of
from services.ui.reach import gateway
from services.ui.reader import Reader, current_reader
from services.ui.reasons_told import told
from services.ui.rest import RefusedError
from services.ui.shown import find, last_id
from services.ui.trying import Tried, try_out
from services.ui.variants import Turn

NOW, ABOUT = "what-if-now", "what-if-about"
"""Where the loan of the sliders is kept, and which application it belongs to."""
ABSENT = frozenset({httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED})


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
        else:
            _draw(application_id, application.application, application.decision, reader)


def _draw(application_id: str, cells: Cells, handed_in: Decision | None, reader: Reader) -> None:
    origin = loan_of(cells)
    if st.session_state.get(ABOUT) != application_id:
        _take(application_id, origin, origin)
    left, right = st.columns([2, 3], gap="large")
    with left, st.container(border=True, key="card-sliders"):
        _draw_sliders(application_id, origin, reader)
    with right:
        try:
            tried = try_out(gateway(), cells, origin, st.session_state[NOW])
        except RefusedError as error:
            if error.status not in ABSENT:
                raise
            note("careful", "?", reader.words("whatif.missing"))
            return
        if tried is None:
            note("careful", "!", reader.words("whatif.invalid"))
            return
        _draw_answer(tried, handed_in, reader)
    _draw_curve(tried, reader)


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
            reader.words(f"whatif.{quantity}"),
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
        args=(application_id, origin, origin),
    )


def _take(application_id: str, origin: Loan, now: Loan) -> None:
    st.session_state[ABOUT] = application_id
    st.session_state[NOW] = now if origin.amount else origin


def _move(quantity: Quantity, key: str) -> None:
    st.session_state[NOW] = st.session_state[NOW].moved(quantity, st.session_state[key])


def _draw_answer(tried: Tried, handed_in: Decision | None, reader: Reader) -> None:
    pairs = [("now", tried.now), *([("before", handed_in)] if handed_in else [])]
    tiles = "".join(_tile(reader.words(f"whatif.{name}"), decision, reader) for name, decision in pairs)
    st.html(f'<div class="octroi-tiles octroi-wide" role="status">{tiles}</div>')
    section(reader.words("whatif.smallest"), reader.words("whatif.smallest_lead"))
    if not tried.turns:
        note("plain", "\u2013", reader.words("whatif.no_turn"))
        return
    rows = "".join(f"<li>{_turn(turn, reader)}</li>" for turn in tried.turns)
    st.html(f'<ul class="octroi-list octroi-turns">{rows}</ul>')


def _tile(name: str, decision: Decision, reader: Reader) -> str:
    return (
        f'<div class="octroi-tile"><span>{escape(name)}</span><b>'
        f"{reader.forms.percent(decision.probability_of_default)}</b>"
        f"{chip(decision.outcome, reader)} "
        f"<small>{escape(_beside(decision, reader))}</small></div>"
    )


def _beside(decision: Decision, reader: Reader) -> str:
    """Say which rule decided, or the score."""
    for reason in decision.reasons:
        if reason.code == decision.policy_rule:
            return told(reason, reader.language)
    return f"{reader.words('decision.score')} {decision.score}"


def chip(outcome: str, reader: Reader) -> str:
    """Return an outcome with its sign, in its colour."""
    return (
        f'<span class="octroi-chip octroi-chip-{outcome}">{palette.SIGNS[outcome]} '
        f"{escape(reader.words(f'outcome.{outcome}'))}</span>"
    )


def _turn(turn: Turn, reader: Reader) -> str:
    words, forms = reader.words, reader.forms
    change = words(
        "whatif.to",
        name=words(f"whatif.{turn.quantity}"),
        old=forms.number(turn.old),
        new=forms.number(turn.new),
        change=forms.signed(turn.change * 100, 1) + "\u00a0%",
    )
    outcome = "approved" if turn.approved else "refused"
    return (
        f'<span>{escape(change)}</span><span class="octroi-chip octroi-chip-{outcome}">'
        f"{palette.SIGNS[outcome]} {escape(words(f'whatif.turns_{outcome}'))}</span>"
    )


def _draw_curve(tried: Tried, reader: Reader) -> None:
    section(reader.words("whatif.curve"))
    with st.container(border=True, key="card-curve"):
        drawn = curve(tried, st.session_state[NOW].amount, reader)
        st.plotly_chart(drawn, key="what-if-curve", theme=None, config=CONFIG)


if __name__ == "__main__":
    main()
