"""Render's blueprints name what there is: services, images, variables, and one another."""

import tomllib
from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from infra.kafka.access import ACCESS
from infra.local.settings import REPOSITORY
from tests.variables import known_variables

OF_RENDER = {"PORT", "SERVICE"}
Blueprint = dict[str, Any]


@pytest.fixture(params=["render.yaml", "infra/render/single.yaml"])
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    told: Blueprint = yaml.safe_load((REPOSITORY / request.param).read_text())
    return told


def variables(blueprint: Blueprint) -> list[tuple[str, dict[str, Any]]]:
    holders = [*blueprint["services"], *blueprint.get("envVarGroups", [])]
    return [(each["name"], variable) for each in holders for variable in each["envVars"]]


def test_every_variable_is_a_setting(blueprint: Blueprint) -> None:
    named = {variable["key"] for _, variable in variables(blueprint) if "key" in variable}
    assert named <= known_variables() | OF_RENDER


def test_what_is_referred_to_is_there_and_groups_hold_no_secrets(blueprint: Blueprint) -> None:
    groups = {group["name"] for group in blueprint.get("envVarGroups", [])}
    own = {(name, variable.get("key")) for name, variable in variables(blueprint)}
    for name, variable in variables(blueprint):
        if "fromGroup" in variable:
            assert variable["fromGroup"] in groups
        elif "fromService" in variable:
            other = variable["fromService"]
            assert (other["name"], other["envVarKey"]) in own
            types = {each["name"]: each["type"] for each in blueprint["services"]}
            assert types[other["name"]] == other["type"]
        elif "fromDatabase" in variable:
            assert variable["fromDatabase"]["name"] in {each["name"] for each in blueprint["databases"]}
        else:
            # Render takes no `sync: false` in a group.
            assert ("value" in variable) != (variable.get("sync") is False and name not in groups)


def test_every_service_has_an_image_and_a_program(blueprint: Blueprint) -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for service in blueprint["services"]:
        given = {each["key"]: each.get("value") for each in service["envVars"] if "key" in each}
        assert given["SERVICE"] in extras
        assert service["dockerCommand"] == f"services.{given['SERVICE']}"
        assert find_spec(service["dockerCommand"])
        if "KAFKA_SASL_USERNAME" in given:
            assert given["KAFKA_SASL_USERNAME"] == f"octroi-{given['SERVICE']}"
            assert given["SERVICE"] in ACCESS
