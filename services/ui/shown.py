"""The application that a session looks at: small, and asked for again when it is another."""

import streamlit as st

from services.ui.answers import Application, Cells
from services.ui.reach import gateway

LAST = "last-application"


def remember(application: Application, cells: Cells) -> None:
    """Keep an application with the cells that were typed, for the pages about it."""
    st.session_state[LAST] = application.model_copy(update={"application": cells})


def last_id() -> str | None:
    """Return the application that was looked at last."""
    last: Application | None = st.session_state.get(LAST)
    return None if last is None else last.application_id


def find(application_id: str) -> Application | None:
    """Return an application, or None where nobody handed it in. Raises AwayError and RefusedError."""
    last: Application | None = st.session_state.get(LAST)
    same = last is not None and last.application_id == application_id
    if last is not None and same and last.decision:
        return last
    found = gateway().find(application_id)
    if found is not None:
        if last is not None and same and found.application is None:
            found = found.model_copy(update={"application": last.application})
        st.session_state[LAST] = found
    return found
