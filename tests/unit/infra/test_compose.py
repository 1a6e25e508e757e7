"""The compose file names what there is, and services answer by the names that others ask by."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from infra.local.settings import REPOSITORY
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
