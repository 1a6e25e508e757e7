"""The parts of the batch page: the list, and one batch as it goes."""

from datetime import UTC, datetime
from html import escape
from typing import Final

import streamlit as st

from services.ui.answers import Batch
from services.ui.batch_progress import Progress, progress
from services.ui.faults_told import fault_told, place_told
from services.ui.figures import CONFIG
from services.ui.figures_batch import outcomes, scores
from services.ui.frame import note, section, told_when_away
from services.ui.gateway import results_path
from services.ui.reach import document, gateway
from services.ui.reader import Reader

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at a running batch."""
SHOWN_ERRORS: Final = 100
MOST_DOWNLOADED: Final = 100_000
"""Rows of results that are held here, in the memory of the pages, to be handed to a browser. A line has 300
bytes as a rule and 400 with the longest reasons: 40 MB at the most, and twice that while they are joined."""
SIGNS: Final = {"running": "…", "done": "✓", "cancelled": "✕"}


def draw_list(batches: tuple[Batch, ...], reader: Reader) -> None:
    """Draw the latest batches, each with the way to it."""
    words = reader.words
    section(words("batch.list"))
    if not batches:
        note("plain", "\u2013", words("batch.none"))
        return
    with st.container(border=True, key="card-batches"):
        for batch in batches:
            name, state, counts, way = st.columns([4, 2, 3, 1.4], vertical_alignment="center")
            when = reader.forms.short_moment(reader.here(batch.created_at))
            name.html(f"<b>{escape(batch.name)}</b><br><small>{escape(when)}</small>")
            state.html(f"{SIGNS[batch.state]} {escape(words(f'batch.state_{batch.state}'))}")
            counts.html(escape(_counted(progress(batch, datetime.now(UTC)), reader)))
            if way.button(words("batch.open"), key=f"open-{batch.batch_id}"):
                st.query_params["batch"] = batch.batch_id
                st.rerun()


def follow(batch_id: str, reader: Reader) -> None:
    """Draw a batch, and go on drawing it while it runs."""

    @st.fragment(run_every=LOOK_EVERY)
    def draw_running() -> None:
        with told_when_away(reader):
            batch = gateway().batch(batch_id)
            _draw_state(batch, reader)
            if batch.state != "running":
                st.rerun()

    batch = gateway().batch(batch_id)
    if batch.state == "running":
        draw_running()
        return
    _draw_state(batch, reader)
    _draw_results(batch, reader)


def _draw_state(batch: Batch, reader: Reader) -> None:
    words, forms = reader.words, reader.forms
    done = progress(batch, datetime.now(UTC))
    when = words("batch.created", when=forms.moment(reader.here(batch.created_at)))
    told = [_counted(done, reader)]
    if batch.state == "cancelled":
        told.append(words("batch.left_out", rows=forms.number(done.expected - batch.handed_in)))
    if done.rate:
        told.append(words("batch.rate", rate=forms.number(done.rate)))
    if done.left is not None:
        told.append(words("batch.left", left=forms.length(done.left)))
    elif batch.state != "running":
        told.append(words("batch.took", took=forms.length(done.took)))
    st.html(
        f'<div class="octroi-batch" data-state="{batch.state}"><h2>{escape(batch.name)}</h2>'
        f"<p>{SIGNS[batch.state]} {escape(words(f'batch.state_{batch.state}'))} · {escape(when)}</p>"
        f'<div class="octroi-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{done.share * 100:.0f}"><i style="width:{done.share:.1%}"></i></div>'
        f'<p class="octroi-counted">{escape(" · ".join(told))}</p>{_tiles(batch, reader)}</div>'
    )
    if batch.state == "running":
        st.button(
            words("batch.cancel"),
            key="batch-cancel",
            icon=":material/cancel:",
            help=words("batch.cancel_hint"),
            on_click=_cancel,
            args=(batch.batch_id,),
        )


def _cancel(batch_id: str) -> None:
    gateway().cancel(batch_id)


def _counted(done: Progress, reader: Reader) -> str:
    forms = reader.forms
    return reader.words(
        "batch.progress", decided=forms.number(done.decided), rows=forms.number(done.expected)
    )


def _tiles(batch: Batch, reader: Reader) -> str:
    signs = {"approved": "✓", "refused": "✕", "review": "◆", "invalid": "!"}
    tiles = "".join(
        f'<div class="octroi-tile"><span>{sign} {escape(reader.words(f"batch.{name}"))}</span>'
        f"<b>{reader.forms.number(getattr(batch, name))}</b></div>"
        for name, sign in signs.items()
    )
    return f'<div class="octroi-tiles">{tiles}</div>'


def _draw_results(batch: Batch, reader: Reader) -> None:
    words = reader.words
    _draw_download(batch, reader)
    if batch.decided:
        left, right = st.columns([1, 2], gap="large")
        with left, st.container(border=True, key="card-outcomes"):
            st.subheader(words("batch.outcomes"), anchor=False)
            st.plotly_chart(outcomes(batch, reader), key="batch-outcomes", theme=None, config=CONFIG)
        with right, st.container(border=True, key="card-scores"):
            st.subheader(words("batch.scores"), anchor=False)
            st.plotly_chart(scores(batch, reader), key="batch-scores", theme=None, config=CONFIG)
    if batch.invalid:
        _draw_errors(batch, reader)


def _draw_download(batch: Batch, reader: Reader) -> None:
    """Draw the way to the results: through these pages, or past them where they would not fit in."""
    words = reader.words
    if batch.rows > MOST_DOWNLOADED:
        told = words("batch.download_by_rest", rows=reader.forms.number(MOST_DOWNLOADED))
        note("plain", "\u2013", told, f"GET {results_path(batch.batch_id)}")
        return
    st.download_button(
        words("batch.download"),
        lambda: b"".join(gateway().results(batch.batch_id)),
        file_name=f"{batch.name.rpartition('.')[0] or batch.name}-decisions.csv",
        mime="text/csv",
        key="batch-download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _draw_errors(batch: Batch, reader: Reader) -> None:
    words = reader.words
    section(words("batch.errors"), words("batch.row_hint"))
    errors, limits = gateway().batch_errors(batch.batch_id, SHOWN_ERRORS), document().limits()
    told = [
        {
            words("batch.row"): error["row"],
            words("batch.field"): place_told(error["field"], words),
            words("batch.message"): fault_told(error, limits, words, reader.forms),
            words("batch.original"): error["message"],
        }
        for error in errors
    ]
    st.dataframe(told, hide_index=True)
    if len(errors) == SHOWN_ERRORS:
        st.caption(words("batch.more_errors", rows=reader.forms.number(SHOWN_ERRORS)))
