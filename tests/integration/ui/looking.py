"""The pages, in the process of the test, and what they show."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.ui.launching import APPLICATION
from tests.engine import free_port

WITHIN = 60


def pages_with(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, gateway: str | None = None, within: float = WITHIN
) -> AppTest:
    """Return the application with the address of a gateway; at all others nobody listens."""
    nobody = f"http://127.0.0.1:{free_port()}"
    for name in ("OCTROI_MONITORING_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.setenv("OCTROI_GATEWAY_URL", gateway or nobody)
    key = folder / "api-key"
    key.write_text("octroi_secret")
    monkeypatch.setenv("OCTROI_UI_API_KEY_FILE", str(key))
    st.cache_resource.clear()
    st.cache_data.clear()
    return AppTest.from_file(str(APPLICATION), default_timeout=within)


def shown(pages: AppTest) -> str:
    assert not pages.exception
    return " ".join(str(element.proto.body) for element in pages.get("html"))
