"""The compose file names what there is, and services answer by the names that others ask by."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from infra.local.settings import REPOSITORY
from services.contracts.topics import TOPICS
from tests.variables import known_variables


@pytest.fixture
def services() -> dict[str, Any]:
    told = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    services: dict[str, Any] = told["services"]
    return services


def hosts(services: dict[str, Any], name: str) -> list[str]:
    told: str = services[name]["environment"][f"OCTROI_{name.upper()}_ALLOWED_HOSTS"]
    return told.split(",")


def test_monitoring_and_pages_answer_where_they_are_published(services: dict[str, Any]) -> None:
    for name in ("monitoring", "ui"):
        [published] = services[name]["ports"]
        assert published.partition(":")[0] in hosts(services, name)
        assert "localhost" in hosts(services, name)


def test_monitoring_answers_by_the_name_that_the_pages_ask_by(services: dict[str, Any]) -> None:
    asked = urlsplit(services["ui"]["environment"]["OCTROI_MONITORING_URL"]).hostname
    assert asked in hosts(services, "monitoring")


def test_every_variable_of_monitoring_and_pages_is_a_setting(services: dict[str, Any]) -> None:
    of_others = {"DO_NOT_TRACK", "GIT_PYTHON_REFRESH", "MLFLOW_DISABLE_TELEMETRY"}
    told = {name for service in ("monitoring", "ui") for name in services[service]["environment"]}
    assert told <= known_variables() | of_others


def test_the_broker_waits_after_a_crash_as_long_as_its_controller_holds_it_for_alive(
    services: dict[str, Any],
) -> None:
    broker, controller = services["kafka"], services["kafka-controller"]
    _, script, data, seconds = broker["entrypoint"]
    assert f"./infra/kafka/after_a_crash.sh:{script}:ro" in broker["volumes"]
    assert data == broker["environment"]["KAFKA_LOG_DIRS"]
    assert int(seconds) * 1000 == controller["environment"]["KAFKA_BROKER_SESSION_TIMEOUT_MS"]


def test_groups_are_remembered_for_longer_than_topics_keep_what_they_read(services: dict[str, Any]) -> None:
    kept = max(topic.retention or timedelta() for topic in TOPICS)
    told = {
        "docker": services["kafka"]["environment"]["KAFKA_OFFSETS_RETENTION_MINUTES"],
        "local": properties()["offsets.retention.minutes"],
        "kubernetes": strimzi()["offsets.retention.minutes"],
    }
    for place, minutes in told.items():
        assert timedelta(minutes=int(minutes)) > kept, place


def properties() -> dict[str, str]:
    lines = (REPOSITORY / "infra/kafka/server.properties").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def strimzi() -> dict[str, Any]:
    documents = yaml.safe_load_all(
        (REPOSITORY / "infra/kubernetes/base/kafka.yaml").read_text(encoding="utf-8")
    )
    (config,) = (each["spec"]["kafka"]["config"] for each in documents if each["kind"] == "Kafka")
    told: dict[str, Any] = config
    return told
