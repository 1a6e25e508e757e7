"""The Kubernetes resources say what the code says, and let no pod do more than it must."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from infra.kafka import strimzi
from infra.kafka.access import ACCESS
from services.kit.settings import ServiceSettings
from tests.kubernetes import (
    BASE,
    EXAMPLE,
    WORKLOADS,
    Resource,
    customization,
    groups_of,
    pod_of,
    pods,
    resources,
    settings_of,
)
from tests.variables import known_variables

ENGINE = {"gateway", "feature", "scoring", "ledger", "monitoring"}
SERVICES = {*ENGINE, "ui", "mlflow"}
OF_OTHERS = {"DO_NOT_TRACK", "MLFLOW_BACKEND_STORE_URI", "MLFLOW_DISABLE_TELEMETRY"} | {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"
}
LIVE, READY = "/health/live", "/health/ready"
PROBES = {
    **dict.fromkeys(ENGINE, (LIVE, LIVE, READY)),
    "ui": ("/_stcore/health",) * 3,
    "mlflow": ("/health",) * 3,
}


def built(folder: Path) -> list[Resource]:
    if shutil.which("kustomize") is None:
        pytest.skip("kustomize is not installed")
    command = ("kustomize", "build", str(folder))
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(text))


def test_topics_and_users_are_what_the_code_says() -> None:
    written = {name: (BASE / name).read_text(encoding="utf-8") for name in strimzi.documents()}
    assert written == strimzi.documents(), "run `make contracts`"


def test_every_service_is_there_and_says_how_it_is() -> None:
    running = {each["metadata"]["name"]: pod_of(each) for each in resources("Deployment", "StatefulSet")}
    assert running.keys() == SERVICES
    for name, pod in running.items():
        container = pod["containers"][0]
        probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
        assert tuple(probe["path"] for probe in probes) == PROBES[name]
        [port] = container["ports"]
        assert {probe["port"] for probe in probes} == {port["name"]}


def test_every_pod_is_bounded_and_hardened() -> None:
    assert pods().keys() == {*SERVICES, "migrations", "training"}
    for pod in pods().values():
        [container] = pod["containers"]
        assert "initContainers" not in pod
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["volumeMounts"][0]["name"] == pod["volumes"][0]["name"] == "tmp"
        assert "emptyDir" in pod["volumes"][0]


def test_every_pod_has_time_to_end() -> None:
    grace = ServiceSettings.model_fields["grace"].default.total_seconds()
    for name in SERVICES:
        pod = pods()[name]
        pause = (
            pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        )
        assert pod["terminationGracePeriodSeconds"] > pause + grace


def test_every_variable_is_a_setting() -> None:
    told = {name for pod in pods().values() for name in settings_of(pod)}
    for group in customization()["configMapGenerator"]:
        told |= {literal.partition("=")[0] for literal in group["literals"]}
    assert told <= known_variables() | OF_OTHERS


def test_who_talks_to_kafka_logs_in_as_itself() -> None:
    users = {each["metadata"]["name"] for each in resources("KafkaUser")}
    on_kafka = {name for name, pod in pods().items() if "octroi-kafka" in groups_of(pod)}
    assert on_kafka == ENGINE
    [kafka] = [each for each in customization()["configMapGenerator"] if each["name"] == "octroi-kafka"]
    told = dict(literal.split("=", 1) for literal in kafka["literals"])
    for name in on_kafka:
        mounts = {each["mountPath"] for each in pods()[name]["containers"][0]["volumeMounts"]}
        assert str(Path(told["KAFKA_SSL_CA_FILE"]).parent) in mounts
        settings = settings_of(pods()[name])
        assert settings["KAFKA_SASL_USERNAME"]["value"] == f"octroi-{name}"
        secret = settings["KAFKA_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"]
        assert secret == f"octroi-{name}"
        assert secret in users


def test_members_of_a_group_keep_their_names() -> None:
    named = {each["metadata"]["name"]: pod_of(each) for each in resources("StatefulSet")}
    assert named.keys() == {name for name, access in ACCESS.items() if access.group}
    for pod in named.values():
        assert settings_of(pod)["OCTROI_INSTANCE"]["valueFrom"] == {
            "fieldRef": {"fieldPath": "metadata.name"}
        }


def test_stages_grow_by_their_own_lag_and_no_further_than_their_partitions() -> None:
    for each in resources("ScaledObject"):
        access = ACCESS[each["metadata"]["name"]]
        assert each["spec"]["scaleTargetRef"]["name"] == each["metadata"]["name"]
        assert each["spec"]["maxReplicaCount"] == strimzi.PARTITIONS
        for trigger in each["spec"]["triggers"]:
            assert trigger["metadata"]["consumerGroup"] == access.group
            assert trigger["metadata"]["topic"] in {topic.name for topic in access.reads}


def needs(name: str, pod: Resource) -> Iterator[tuple[str, int]]:
    """Yield what a pod talks to by its settings, and at which port."""
    groups, settings = groups_of(pod), settings_of(pod).values()
    if "octroi-kafka" in groups:
        yield "octroi-kafka", 9093
    if ("octroi-registry" in groups) and name != "mlflow":
        yield "mlflow", 5000
    for each in settings:
        secret = each.get("valueFrom", {}).get("secretKeyRef", {}).get("name", "")
        if secret.endswith("postgres-app"):
            yield secret.removesuffix("-app"), 5432
        if each.get("value", "").startswith("http://"):
            host, _, port = each["value"].removeprefix("http://").partition(":")
            yield host, int(port)


def test_monitoring_and_pages_answer_by_the_names_of_their_services() -> None:
    asked = {host for name, pod in pods().items() for host, _ in needs(name, pod)}
    assert "monitoring" in asked
    for name, variable in (
        ("monitoring", "OCTROI_MONITORING_ALLOWED_HOSTS"),
        ("ui", "OCTROI_UI_ALLOWED_HOSTS"),
    ):
        assert name in settings_of(pods()[name])[variable]["value"].split(",")


def test_the_example_answers_by_the_names_that_its_pages_link_to() -> None:
    told = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text(encoding="utf-8"))["patches"]
    patches = [yaml.safe_load(each["patch"]) for each in told]
    added = [each["value"] for patch in patches if isinstance(patch, list) for each in patch]
    merged = {each["metadata"]["name"]: each for each in patches if isinstance(each, dict)}
    hosts = settings_of(pod_of(merged["monitoring"]))["OCTROI_MONITORING_ALLOWED_HOSTS"]["value"].split(",")
    variables = {each["name"]: each["value"] for each in added if isinstance(each, dict)}
    assert {variables["OCTROI_UI_MONITORING_LINK"].removeprefix("https://"), "monitoring"} <= set(hosts)
    assert "ui" in settings_of(pod_of(merged["ui"]))["OCTROI_UI_ALLOWED_HOSTS"]["value"].split(",")


def allowed(direction: str) -> dict[str, set[tuple[str, int]]]:
    """Return who may be talked to ("to") or may talk ("from") at which port, for each workload."""
    rules = {"to": "egress", "from": "ingress"}[direction]
    return {
        each["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]: {
            (label, rule["ports"][0]["port"])
            for rule in each["spec"][rules]
            for peer in rule[direction]
            for label in peer["podSelector"]["matchLabels"].values()
        }
        for each in resources("NetworkPolicy")
        if each["metadata"]["name"].endswith(f"-{direction}")
    }


def test_nobody_may_talk_to_more_than_its_settings_name() -> None:
    needed = {name: set(needs(name, pod)) for name, pod in pods().items()}
    assert allowed("to") == needed
    heard = {
        name: {(who, port) for who, to in needed.items() for host, port in to if host == name}
        for name in needed
    }
    assert allowed("from") == {name: callers for name, callers in heard.items() if callers}


def test_kustomize_patches_as_the_tests_do() -> None:
    made = {each["metadata"]["name"]: pod_of(each) for each in built(BASE) if each["kind"] in WORKLOADS}
    assert made.keys() == pods().keys()
    for name, pod in pods().items():
        for either in (pod, made[name]):
            # Kustomize says them in full.
            del either["containers"][0]["image"]
            either["containers"][0].pop("envFrom", None)
        assert made[name] == pod


def test_the_example_builds_and_is_one_release() -> None:
    images = {pod_of(each)["containers"][0]["image"] for each in built(EXAMPLE) if each["kind"] in WORKLOADS}
    assert {image.rpartition("/")[0] for image in images} == {"ghcr.io/octroi/octroi"}
    assert len({image.rpartition(":")[2] for image in images}) == 1
