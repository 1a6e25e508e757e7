"""Fills the form from an example, or from an application that is known."""

from time import time

import streamlit as st

from services.ui.answers import Cells
from services.ui.fields import DOCUMENT, every_field
from services.ui.form import fill
from services.ui.frame import note
from services.ui.reach import document, gateway
from services.ui.reader import Reader
from services.ui.rest import AwayError, RefusedError
from services.ui.taken import taken
from services.ui.words import Words

ID, SAID = "load-id", "load-said"


def draw_loading(reader: Reader) -> None:
    """Draw the ways to fill the form without typing."""
    words = reader.words
    with st.container(key="loading", horizontal=True, vertical_alignment="bottom"):
        st.button(
            words("load.example"),
            key="load-example",
            icon=":material/contact_page:",
            on_click=_load_example,
            args=(reader,),
        )
        _draw_known(reader)
        st.button(
            words("load.empty"),
            key="load-empty",
            type="tertiary",
            icon=":material/ink_eraser:",
            on_click=begin_anew,
            args=(reader,),
        )
    said = st.session_state.pop(SAID, None)
    if said:
        note(*said)


def _draw_known(reader: Reader) -> None:
    # A form: Enter loads, and leaving the field does not.
    words = reader.words
    row = st.form("load-known", border=False, width="content").container(
        horizontal=True, vertical_alignment="bottom"
    )
    row.text_input(words("load.id"), key=ID, placeholder=words("load.id_hint"), width=300)
    row.form_submit_button(
        words("load.open"),
        key="load-open",
        icon=":material/folder_open:",
        on_click=_load_application,
        args=(reader,),
    )


def begin_anew(reader: Reader) -> None:
    """Empty the form of what was typed: what most applications have stands in it."""
    usual = {field.column: field.default for field in every_field() if field.default}
    begin_with(usual, reader)


def begin_with(cells: Cells, reader: Reader) -> tuple[str, ...]:
    """Begin another application with these cells: the number of a loan is that of one application.

    Return the columns whose cells are left out, because the contract does not take them.
    """
    given = {name: cell for name, cell in cells.items() if cell is not None}
    fitting, left_out = taken(given | {"SK_ID_CURR": int(time() * 1000)})
    fill(st.session_state, fitting, reader.forms)
    return left_out


def _load_example(reader: Reader) -> None:
    begin_with(document().example(), reader)


def _load_application(reader: Reader) -> None:
    application_id = st.session_state[ID].strip()
    if application_id:
        st.session_state[SAID] = _loaded(application_id, reader)


def _loaded(application_id: str, reader: Reader) -> tuple[str, str, str]:
    words = reader.words
    try:
        found = gateway().find(application_id)
    except AwayError as error:
        return "bad", "!", words(f"away.{error.service}")
    except RefusedError:
        return "bad", "!", words("refused.other")
    if found is None:
        return "careful", "?", words("load.unknown", id=application_id)
    if found.application is None:
        return "careful", "?", words("load.without_cells")
    left_out = begin_with(found.application, reader)
    if left_out:
        names = ", ".join(_name(column, words) for column in left_out)
        return "careful", "!", words("load.loaded_without", id=application_id, names=names)
    return "good", "✓", words("load.loaded", id=application_id)


def _name(column: str, words: Words) -> str:
    if column.startswith(DOCUMENT):
        return words("form.document", number=column.removeprefix(DOCUMENT))
    return words.field(column)
