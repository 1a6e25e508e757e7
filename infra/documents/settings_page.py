"""Settings: every environment variable, of the classes that read them."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic_core import PydanticUndefined, to_jsonable_python
from pydantic_settings import BaseSettings

from infra.backup.settings import BackupSettings
from infra.documents.tables import code, table
from infra.kafka.topics import TopicSettings
from infra.local.settings import LocalSettings
from services.gateway.settings import GatewaySettings
from services.kit.database import DatabaseSettings
from services.kit.registered_model import RegisteredModel
from services.kit.settings import KafkaSettings, ServiceSettings, StreamSettings
from services.ledger.settings import LedgerSettings
from services.monitoring.settings import MonitoringSettings
from services.monitoring.webhook_settings import WebhookSettings
from services.scoring.settings import RegistrySettings
from services.single.settings import SingleSettings
from services.ui.settings import UiSettings

OF: Final[Sequence[tuple[str, type[BaseSettings]]]] = (
    ("Every process", ServiceSettings),
    ("Kafka", KafkaSettings),
    ("The stream loop", StreamSettings),
    ("PostgreSQL", DatabaseSettings),
    ("The registry", RegisteredModel),
    ("Gateway", GatewaySettings),
    ("Ledger", LedgerSettings),
    ("Monitoring", MonitoringSettings),
    ("Webhook", WebhookSettings),
    ("Pages for people", UiSettings),
    ("One process", SingleSettings),
    ("Scoring", RegistrySettings),
    ("Topics", TopicSettings),
    ("Backup", BackupSettings),
    ("The engine on one machine", LocalSettings),
)
HOW: Final = (
    "Each is an environment variable. One that cannot be used ends the process with exit code 2 and a line "
    "that names it. Lengths of time are in seconds, or in ISO 8601."
)


def settings_page() -> str:
    """Return the page."""
    parts = ["# Settings", HOW]
    for title, settings in OF:
        parts += [f"## {title}", settings.__doc__ or "", table(("Variable", "Default", ""), _rows(settings))]
    return "\n\n".join(parts) + "\n"


def _rows(settings: type[BaseSettings]) -> Iterator[tuple[str, str, str]]:
    prefix = settings.model_config.get("env_prefix", "")
    for name, field in settings.model_fields.items():
        variable = field.validation_alias or f"{prefix}{name}".upper()
        yield code(variable), _default(field.get_default(call_default_factory=False)), field.description or ""


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "none: it must be set"
    if value is None:
        return ""
    plain = to_jsonable_python(value)
    return code(plain if isinstance(plain, str) else json.dumps(plain))
