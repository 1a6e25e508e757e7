"""What Streamlit serves: the pages, warmed while nobody waits for them yet."""

from asyncio import create_task, to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st

from services.ui.launching import APPLICATION


@asynccontextmanager
async def warmed(_: st.App) -> AsyncIterator[None]:
    """Warm the pages beside the server, which answers at once."""
    warming = create_task(to_thread(_warm), name="warm the pages")
    yield
    await warming


def _warm() -> None:
    # Streamlit's caches want to be made when its server is there, and not when this module is read.
    import_module("services.ui.warming").warm()


app = st.App(APPLICATION, lifespan=warmed)
