"""Batch: a whole file of applications."""

import streamlit as st

from services.ui.batch_parts import draw_list, follow
from services.ui.batch_upload import draw_upload
from services.ui.frame import heading, told_when_away
from services.ui.reach import gateway
from services.ui.reader import Reader, current_reader

BATCH = "batch"


def main() -> None:
    """Draw the batch that the address names, or the way to hand one in."""
    reader = current_reader()
    heading(reader.words("batch.title"), reader.words("batch.lead"))
    with told_when_away(reader):
        batch_id = st.query_params.get(BATCH)
        if batch_id:
            _draw_one(batch_id, reader)
        else:
            _draw_all(reader)


def _draw_one(batch_id: str, reader: Reader) -> None:
    back, icon = reader.words("batch.back"), ":material/arrow_back:"
    if st.button(back, key="batch-back", icon=icon, type="tertiary"):
        del st.query_params[BATCH]
        st.rerun()
    follow(batch_id, reader)


def _draw_all(reader: Reader) -> None:
    batches = gateway().batches(20)
    draw_upload(reader)
    draw_list(batches, reader)


if __name__ == "__main__":
    main()
