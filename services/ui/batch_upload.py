"""The upload of the batch page."""

from contextlib import closing
from html import escape
from typing import Final
from uuid import uuid5

import httpx
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from services.ui.faults_told import fault_told, place_told
from services.ui.form import NAMESPACE
from services.ui.frame import note
from services.ui.parquet import SwellingFileError, UnreadableFileError, is_parquet, pieces
from services.ui.reach import document, gateway
from services.ui.reader import Reader
from services.ui.rest import RefusedError

LONGEST_NAME: Final = 200


def draw_upload(reader: Reader) -> None:
    """Draw the way to hand a file in."""
    words = reader.words
    # Streamlit's own button speaks English alone.
    st.html(f"<style>:root {{ --choose: '{words('batch.choose')}'; }}</style>")
    with st.container(border=True, key="card-upload"):
        file = st.file_uploader(words("batch.upload"), type=["csv", "parquet"], key="batch-file")
        started = st.button(
            words("batch.start"),
            key="batch-start",
            type="primary",
            icon=":material/send:",
            disabled=file is None,
        )
        if started and file is not None:
            _send(file, reader)


def _send(file: UploadedFile, reader: Reader) -> None:
    words = reader.words
    key = str(uuid5(NAMESPACE, file.file_id))
    try:
        with st.spinner(words("batch.sending"), show_time=True), closing(pieces(file, file.name)) as content:
            batch = gateway().hand_in_batch(file.name[:LONGEST_NAME], content, key)
    except UnreadableFileError as error:
        note("bad", "!", words("batch.unreadable"), words("batch.technical", message=str(error)))
        return
    except SwellingFileError:
        note("bad", "!", words("batch.swells"))
        return
    except RefusedError as error:
        if error.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            key = "batch.too_large_as_csv" if is_parquet(file.name) else "batch.too_large"
            note("bad", "!", words(key))
            return
        if not error.errors:
            raise
        _draw_column_faults(error, reader)
        return
    st.query_params["batch"] = batch.batch_id
    st.rerun()


def _draw_column_faults(error: RefusedError, reader: Reader) -> None:
    words, limits = reader.words, document().limits()
    note("bad", "!", words("batch.columns_wrong"))
    rows = [
        f"<li><b>{escape(place_told(fault['field'], words))}</b>"
        f'<span title="{escape(fault["message"])}">'
        f"{escape(fault_told(fault, limits, words, reader.forms))}</span></li>"
        for fault in error.errors
    ]
    st.html(f'<ul class="octroi-list octroi-faults">{"".join(rows)}</ul>')
