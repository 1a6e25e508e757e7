"""Fills the form from an example, or from an application that is known."""

from time import time

import streamlit as st

from services.ui.form import fill
from services.ui.frame import note
from services.ui.reach import document, gateway
from services.ui.reader import Reader
from services.ui.rest import AwayError, RefusedError

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
        st.text_input(words("load.id"), key=ID, placeholder=words("load.id_hint"), width=300)
        st.button(
            words("load.open"),
            key="load-open",
            icon=":material/folder_open:",
            on_click=_load_application,
            args=(reader,),
        )
        st.button(
            words("load.empty"),
            key="load-empty",
            type="tertiary",
            icon=":material/ink_eraser:",
            on_click=_empty,
            args=(reader,),
        )
    said = st.session_state.pop(SAID, None)
    if said:
        note(*said)


def _load_example(reader: Reader) -> None:
    # The same loan number would be another application of the same client.
    fill(st.session_state, document().example() | {"SK_ID_CURR": int(time())}, reader.forms)


def _load_application(reader: Reader) -> None:
    application_id = st.session_state[ID].strip()
    if application_id:
        st.session_state[SAID] = _loaded(application_id, reader)


def _loaded(application_id: str, reader: Reader) -> tuple[str, str, str]:
    words = reader.words
    try:
        found = gateway().find(application_id)
    except AwayError as error:
        return "bad", "⏻", words(f"away.{error.service}")
    except RefusedError:
        return "bad", "!", words("refused.other")
    if found is None:
        return "careful", "?", words("load.unknown", id=application_id)
    if found.application is None:
        return "careful", "?", words("load.without_cells")
    fill(
        st.session_state,
        {name: cell for name, cell in found.application.items() if cell is not None},
        reader.forms,
    )
    return "good", "✓", words("load.loaded", id=application_id)


def _empty(reader: Reader) -> None:
    fill(st.session_state, {"SK_ID_CURR": int(time())}, reader.forms)
