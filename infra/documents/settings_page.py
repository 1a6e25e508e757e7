"""Settings: every environment variable, of the classes that read them."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python
from pydantic_settings import BaseSettings

from infra.backup.settings import BackupSettings
from infra.documents.tables import code, table
from infra.kafka.topics import TopicSettings
from infra.local.settings import LocalSettings
from services.contracts.described import descriptions
from services.gateway.settings import GatewaySettings
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.kit.registered_model import RegisteredModel
from services.kit.settings import ServiceSettings
from services.kit.stream_settings import StreamSettings
from services.ledger.settings import LedgerSettings, LedgerStreamSettings
from services.monitoring.settings import MonitoringSettings, MonitoringStreamSettings
from services.monitoring.webhook_settings import WebhookSettings
from services.scoring.settings import RegistrySettings
from services.single.settings import SingleSettings
from services.ui.settings import UiSettings

OF: Final[Sequence[tuple[str, type[BaseSettings]]]] = (
    ("Every process", ServiceSettings),
    ("Kafka", KafkaSettings),
    ("The stream loop", StreamSettings),
    ("The stream loop of the ledger", LedgerStreamSettings),
    ("The stream loop of monitoring", MonitoringStreamSettings),
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
    # A stage's own settings of the loop are told alone, where they differ.
    own = settings.__annotations__ if StreamSettings in settings.__bases__ else settings.model_fields
    described = descriptions(settings)
    for name, field in settings.model_fields.items():
        if name not in own:
            continue
        variable = field.validation_alias or f"{prefix}{name}".upper()
        yield code(variable), _default(field), described.get(name, "")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False)
    if field.default_factory is not None:
        # What it is on this machine says nothing.
        return "the machine's own"
    if value is PydanticUndefined:
        return "none: it must be set"
    if value is None:
        return ""
    plain = to_jsonable_python(value)
    return code(plain if isinstance(plain, str) else json.dumps(plain))
