"""Variables that Octroi's settings know, for tests of files that name some."""

from services.gateway.settings import GatewaySettings
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.kit.registered_model import RegisteredModel
from services.kit.settings import ServiceSettings
from services.monitoring.settings import MonitoringSettings
from services.scoring.settings import RegistrySettings
from services.single.settings import SingleSettings
from services.ui.settings import UiSettings

SETTINGS = (
    DatabaseSettings,
    GatewaySettings,
    KafkaSettings,
    MonitoringSettings,
    RegisteredModel,
    RegistrySettings,
    ServiceSettings,
    SingleSettings,
    UiSettings,
)


def known_variables() -> set[str]:
    return {
        str(field.validation_alias or f"{settings.model_config.get('env_prefix')}{name}").upper()
        for settings in SETTINGS
        for name, field in settings.model_fields.items()
    }
