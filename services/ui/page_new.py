"""New application: a form, and the way to its decision."""

from collections.abc import Mapping
from html import escape
from itertools import chain
from typing import Final
from uuid import uuid4

import streamlit as st

from services.ui.fields import Group, groups
from services.ui.form import LOADED, cells_of, key_of, problems_of, problems_told
from services.ui.frame import go, heading, note, say_away, say_refused, told_when_away
from services.ui.inputs import draw_field
from services.ui.limits import Limit
from services.ui.loading import begin_anew, draw_loading
from services.ui.reach import document, gateway, settings
from services.ui.reader import Reader, current_reader
from services.ui.reasons_told import within
from services.ui.rest import AwayError, RefusedError
from services.ui.rules_ahead import rule_ahead
from services.ui.shown import remember

COLUMNS: Final = 3
UNPROCESSABLE: Final = 422
ASKED, TRIED, TOLD, NONCE = "submit-asked", "submit-tried", "problems-told", "nonce"


def main() -> None:
    """Draw the page, or hand in what stands in it."""
    reader = current_reader()
    if LOADED not in st.session_state:
        begin_anew(reader)
    heading(reader.words("new.title"), reader.words("new.lead"))
    with told_when_away(reader):
        with st.spinner(reader.words("loading")):
            limits = document().limits()
        if st.session_state.pop(ASKED, False):
            _hand_in(reader, limits)
        draw_loading(reader)
        _draw_form(reader, limits)


def _draw_form(reader: Reader, limits: Mapping[str, Limit]) -> None:
    state, words = st.session_state, reader.words
    problems = problems_of(state, limits, words, reader.forms, complete=state.get(TRIED, False))
    told_of, told = state.get(TOLD, (None, {}))
    problems = (told if told_of == cells_of(state, reader.forms) else {}) | problems
    if problems:
        names = ", ".join(words.field(column) for column in problems if column)
        note("careful", "!", words("new.put_right", names=names or problems.get("", "")))
    shown = [group for group in groups() if group.open]
    # A row of columns at a time, so that a narrow window has the groups in their order.
    rows = [st.columns(COLUMNS, gap="medium") for _ in range(0, len(shown), COLUMNS)]
    for group, column in zip(shown, chain.from_iterable(rows), strict=False):
        with column, st.container(border=True, key=f"group-{group.name}"):
            st.header(words(f"group.{group.name}"), anchor=False)
            _draw_fields(group, reader, limits, problems)
    for group in groups():
        if not group.open:
            _draw_folded(group, reader, limits, problems)
    _draw_actions(reader)


def _draw_folded(
    group: Group, reader: Reader, limits: Mapping[str, Limit], problems: Mapping[str, str]
) -> None:
    wrong = any(field.column in problems for field in group.fields)
    title = reader.words(f"group.{group.name}") + (" — !" if wrong else "")
    folded = st.expander(title, key=f"fold-{group.name}", on_change="rerun")
    if folded.open:
        with folded:
            columns = st.columns(COLUMNS, gap="medium")
            for place, field in enumerate(group.fields):
                with columns[place % COLUMNS]:
                    limit = limits.get(field.column, Limit())
                    draw_field(field, reader, limit, problems.get(field.column))


def _draw_fields(
    group: Group, reader: Reader, limits: Mapping[str, Limit], problems: Mapping[str, str]
) -> None:
    for field in group.fields:
        draw_field(field, reader, limits.get(field.column, Limit()), problems.get(field.column))


def _draw_actions(reader: Reader) -> None:
    words, forms = reader.words, reader.forms
    cells = cells_of(st.session_state, forms)
    with st.container(key="actions", horizontal=True, vertical_alignment="center"):
        icon, ask = ":material/send:", _ask_to_submit
        st.button(words("new.submit"), key="submit", type="primary", icon=icon, on_click=ask)
        income, instalment = cells.get("AMT_INCOME_TOTAL"), cells.get("AMT_ANNUITY")
        rule = rule_ahead(cells)
        if rule is not None:
            sentence = rule.text_fr if reader.language == "fr" else rule.text_en
            told = words(f"new.rule_{rule.outcome}", rule=within(sentence))
            st.html(f'<p class="octroi-ahead" role="status">◆ {escape(told)}</p>')
        elif income and instalment:
            st.caption(words("new.burden", share=forms.percent(instalment / income, 0)))
        else:
            st.caption(words("new.required"))


def _ask_to_submit() -> None:
    st.session_state[ASKED] = True


def _hand_in(reader: Reader, limits: Mapping[str, Limit]) -> None:
    """Open the decision, or note what is wrong; what was typed stays."""
    state, forms = st.session_state, reader.forms
    state[TRIED] = True
    if problems_of(state, limits, reader.words, forms, complete=True):
        return
    cells = cells_of(state, forms)
    nonce = state.setdefault(NONCE, uuid4().hex)
    try:
        with st.spinner(reader.words("new.deciding")):
            wait = int(settings().decide_within.total_seconds())
            application = gateway().submit(cells, key_of(nonce, cells), wait=wait)
    except AwayError as error:
        note("careful", "✎", reader.words("new.kept"))
        say_away(reader, error.service)
        return
    except RefusedError as error:
        if error.status == UNPROCESSABLE:
            state[TOLD] = (cells, problems_told(error.errors, limits, reader.words, forms))
        else:
            say_refused(reader, error)
        return
    del state[TRIED]
    del state[NONCE]
    remember(application, cells)
    go("decision", reader, id=application.application_id)


if __name__ == "__main__":
    main()
