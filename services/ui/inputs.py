"""Draws the fields of the form."""

from collections.abc import Mapping
from html import escape
from typing import Final

import streamlit as st

from services.ui.fields import Field, document_columns
from services.ui.form import rewritten
from services.ui.known_model import usual_amounts
from services.ui.limits import Limit
from services.ui.locale_forms import Forms
from services.ui.reader import Reader
from services.ui.units import IN_YEARS, NO_JOB

KEPT: Final = "session"
"""What is typed is kept while the reader looks at other pages."""
Usual = Mapping[str, float] | None
"""Quantiles of an amount, where they are known."""


def draw_field(field: Field, reader: Reader, limit: Limit, problem: str | None) -> None:
    """Draw a field with what is wrong with it."""
    label = _label(field, reader, limit)
    match field.kind:
        case "documents":
            _draw_documents(field, reader, label)
        case "job":
            if st.session_state.get(field.key) != NO_JOB:
                _draw_text(field, reader, label)
        case _ if field.options:
            _draw_choice(field, reader, label)
        case _:
            _draw_text(field, reader, label)
    if problem:
        sign = '<b aria-hidden="true">!</b>'
        st.html(f'<p class="octroi-problem" role="alert">{sign} {escape(problem)}</p>')
    if field.kind == "job":
        _draw_no_job(field, reader)


def _label(field: Field, reader: Reader, limit: Limit) -> str:
    words = reader.words
    name = words.field(field.column)
    if field.kind in IN_YEARS:
        name = f"{name} ({words('unit.years')})"
    if field.kind == "amount":
        name = reader.priced(name)
    return f"{name} *" if limit.required else name


def _draw_text(field: Field, reader: Reader, label: str) -> None:
    usual = usual_amounts().get(field.column) if field.kind == "amount" else None
    st.text_input(
        label,
        key=field.key,
        placeholder=_placeholder(field, usual, reader),
        help=_help(usual, reader) if field.kind == "amount" else None,
        autocomplete="off",
        persist_state=KEPT,
        on_change=_rewrite,
        args=(field, reader.forms),
    )


def _rewrite(field: Field, forms: Forms) -> None:
    """Show how a number was read, as soon as the field is left."""
    st.session_state[field.key] = rewritten(field, st.session_state[field.key], forms)


def _placeholder(field: Field, usual: Usual, reader: Reader) -> str:
    if field.kind == "share":
        return reader.words("form.share", half=reader.forms.number(0.5, 1))
    if usual:
        return reader.words("form.usual", **_ends(usual, reader))
    return reader.words("form.not_stated")


def _help(usual: Usual, reader: Reader) -> str:
    if usual:
        return reader.words("form.amount_usual", **_ends(usual, reader))
    return reader.words("form.amount")


def _ends(usual: Mapping[str, float], reader: Reader) -> dict[str, str]:
    least, most = (float(f"{usual[name]:.3g}") for name in ("q25", "q75"))
    return {"least": reader.forms.number(least), "most": reader.amount(most)}


def _draw_choice(field: Field, reader: Reader, label: str) -> None:
    def shown(option: str) -> str:
        return reader.words.word(field.column if field.kind == "choice" else field.kind, option)

    st.selectbox(
        label,
        field.options,
        key=field.key,
        index=None,
        format_func=shown,
        placeholder=reader.words("form.not_stated"),
        persist_state=KEPT,
    )


def _draw_documents(field: Field, reader: Reader, label: str) -> None:
    def shown(column: str) -> str:
        return reader.words("form.document", number=column.rpartition("_")[2])

    st.multiselect(
        label,
        document_columns(),
        key=field.key,
        format_func=shown,
        placeholder=reader.words("form.not_stated"),
        persist_state=KEPT,
    )


def _draw_no_job(field: Field, reader: Reader) -> None:
    tick = f"{field.key}:none"
    st.session_state[tick] = st.session_state.get(field.key) == NO_JOB
    st.checkbox(reader.words("form.no_job"), key=tick, on_change=_change_job, args=(field.key, tick))


def _change_job(key: str, tick: str) -> None:
    st.session_state[key] = NO_JOB if st.session_state[tick] else ""
