"""The services that the pages talk to, connected once for all sessions."""

import httpx
import streamlit as st

from services.kit.environment import read
from services.kit.registered_model import RegisteredModel
from services.ui.gateway import Gateway
from services.ui.known_document import KnownDocument
from services.ui.model_registry import ModelRegistry
from services.ui.rest import KeyFromFile, Rest, ServiceName
from services.ui.settings import UiSettings, address_of


@st.cache_resource(show_spinner=False)
def settings() -> UiSettings:
    """Return the settings of this environment."""
    return read(UiSettings)


def _close(way: Rest) -> None:
    way.client.close()


@st.cache_resource(show_spinner=False, on_release=_close)
def rest(service: ServiceName) -> Rest:
    """Return the way to a service."""
    chosen = settings()
    addresses = {
        "gateway": (address_of(chosen.gateway_url), KeyFromFile(chosen.api_key_file), "/health/ready"),
        "monitoring": (address_of(chosen.monitoring_url), None, "/health/ready"),
        "mlflow": (read(RegisteredModel).tracking_url, None, "/health"),
    }
    address, key, ready_path = addresses[service]
    within = httpx.Timeout(
        chosen.answer_within.total_seconds(), connect=chosen.connect_within.total_seconds()
    )
    return Rest(service, httpx.Client(base_url=address, auth=key, timeout=within), ready_path)


def gateway() -> Gateway:
    """Return the gateway."""
    return Gateway(rest("gateway"))


@st.cache_resource(show_spinner=False)
def document() -> KnownDocument:
    """Return what is known of the gateway's interface."""
    return KnownDocument(gateway().document)


def registry() -> ModelRegistry:
    """Return the model registry."""
    return ModelRegistry(rest("mlflow"), read(RegisteredModel).model_name)


def monitoring_link() -> str:
    """Return the operators' page as the reader's browser reaches it."""
    chosen = settings()
    return address_of(chosen.monitoring_link or chosen.monitoring_url)


def mlflow_link() -> str:
    """Return MLflow as the reader's browser reaches it."""
    given = settings().mlflow_link
    return address_of(given) if given else read(RegisteredModel).tracking_url
