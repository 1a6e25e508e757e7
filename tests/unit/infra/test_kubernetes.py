"""The Kubernetes resources say what the code says, and let no pod do more than it must."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.kafka import strimzi
from infra.local.settings import REPOSITORY

BASE = REPOSITORY / "infra/kubernetes/base"
SERVICES = {"gateway", "feature", "scoring", "ledger", "monitoring", "ui", "mlflow"}


def resources(*kinds: str) -> Iterator[dict[str, Any]]:
    for file in sorted(BASE.glob("*.yaml")):
        for each in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if isinstance(each, dict) and each.get("kind") in kinds:
                yield each


def pods() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each workload with its pods' description."""
    found = [
        (each, each["spec"]["template"]["spec"]) for each in resources("Deployment", "StatefulSet", "Job")
    ]
    crons = [(each, each["spec"]["jobTemplate"]["spec"]["template"]["spec"]) for each in resources("CronJob")]
    return found + crons


def test_topics_and_users_are_what_the_code_says() -> None:
    written = {name: (BASE / name).read_text(encoding="utf-8") for name in strimzi.documents()}
    assert written == strimzi.documents(), "run `make contracts`"


def test_every_service_is_there_and_says_how_it_is() -> None:
    running = {each["metadata"]["name"]: each for each in resources("Deployment", "StatefulSet")}
    assert running.keys() == SERVICES
    for name, each in running.items():
        [container] = each["spec"]["template"]["spec"]["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys(), name


def test_every_pod_is_bounded_and_hardened() -> None:
    assert len(pods()) == len(SERVICES) + 2
    for workload, pod in pods():
        [container] = pod["containers"]
        assert workload["metadata"]["labels"]["octroi/pod"] == "ours"
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["volumeMounts"][0]["name"] == "tmp"


def test_who_talks_to_kafka_logs_in_as_itself() -> None:
    users = {each["metadata"]["name"] for each in resources("KafkaUser")}
    for workload, pod in pods():
        settings = {each["name"]: each for each in pod["containers"][0].get("env", ())}
        if "KAFKA_SASL_USERNAME" in settings:
            user = settings["KAFKA_SASL_USERNAME"]["value"]
            assert user == f"octroi-{workload['metadata']['name']}"
            assert user in users
            assert settings["KAFKA_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == user
            assert workload["metadata"]["labels"]["octroi/kafka"] == "yes"


def test_stages_grow_no_further_than_their_partitions() -> None:
    for each in resources("ScaledObject"):
        assert each["spec"]["maxReplicaCount"] == strimzi.PARTITIONS


def test_the_example_builds_with_its_patches() -> None:
    if shutil.which("kustomize") is None:
        pytest.skip("kustomize is not installed")
    command = ("kustomize", "build", str(REPOSITORY / "infra/kubernetes/overlays/example"))
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    described = list(yaml.safe_load_all(built))
    hardened = [each for each in described if "runAsNonRoot" in str(each)]
    assert len(hardened) == len(pods())
    assert all("readOnlyRootFilesystem" in str(each) for each in hardened)
    assert "octroi-cluster-ca-cert" in built
