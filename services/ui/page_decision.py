"""Decision: what was decided, why, and where it comes from."""

import streamlit as st

from services.ui.answers import Application, Decision
from services.ui.decision_parts import draw_lineage, draw_peers, draw_reasons, draw_verdict
from services.ui.frame import go, heading, note, told_when_away
from services.ui.loading import begin_anew, begin_with
from services.ui.notice import notice
from services.ui.reach import settings
from services.ui.reader import Reader, current_reader
from services.ui.shown import find, last_id


def main() -> None:
    """Draw the page of the application that the address names."""
    reader = current_reader()
    application_id = st.query_params.get("id") or last_id()
    if application_id is None:
        heading(reader.words("decision.title"))
        note("plain", "→", reader.words("decision.none"))
        return
    st.query_params["id"] = application_id
    with told_when_away(reader):
        application = find(application_id)
        if application is None:
            heading(reader.words("decision.title"))
            note("careful", "?", reader.words("decision.unknown", id=application_id))
        else:
            _draw(application, reader)


def _draw(application: Application, reader: Reader) -> None:
    words = reader.words
    when = reader.forms.moment(reader.here(application.submitted_at))
    heading(words("decision.title"), words("decision.lead", id=application.application_id, when=when))
    decision = application.decision
    if decision is not None:
        draw_verdict(decision, reader)
        _draw_actions(application, decision, reader)
        draw_reasons(decision, reader)
        draw_peers(application, decision, reader)
        draw_lineage(application, decision, reader)
    elif application.state == "dead":
        failure = application.failure
        note("bad", "!", words("decision.dead"), failure.error if failure else "")
    else:
        note("plain", "…", words("decision.waiting"))
        _wait(application.application_id)


@st.fragment(run_every=1)
def _wait(application_id: str) -> None:
    found = find(application_id)
    if found is not None and found.state != "received":
        st.rerun()


def _draw_actions(application: Application, decision: Decision, reader: Reader) -> None:
    words = reader.words
    with st.container(key="decision-actions", horizontal=True):
        what_if = words("decision.what_if")
        if st.button(what_if, icon=":material/tune:", type="primary", key="to-what-if"):
            go("whatif", reader, id=application.application_id)
        for language in ("fr", "en"):
            st.download_button(
                words(f"decision.notice_{language}"),
                notice(
                    application,
                    decision,
                    language,
                    currency=settings().currency,
                    contact=settings().contact,
                ),
                file_name=f"notice-{application.application_id}-{language}.html",
                mime="text/html",
                icon=":material/print:",
                on_click="ignore",
                key=f"notice-{language}",
            )
        cells = application.application
        modify = ":material/edit:"
        if cells and st.button(words("decision.modify"), icon=modify, type="tertiary", key="modify"):
            begin_with(cells, reader)
            go("new", reader)
        if st.button(words("decision.again"), icon=":material/add:", type="tertiary", key="again"):
            begin_anew(reader)
            go("new", reader)


if __name__ == "__main__":
    main()
