"""What containers may do, how large their images are, and that each has all that its service imports."""

import json
from itertools import chain

import pytest

from tests.compose.project import JOBS, STAYING, Project

pytestmark = pytest.mark.compose

BASE = "python:3.13-slim"
MEGABYTES = {
    "gateway": 90,
    "feature": 100,
    "ledger": 90,
    "scoring": 400,
    "replay": 400,
    "monitoring": 1100,
    "training": 1100,
    "ui": 1100,
}
PROGRAMS = {
    "gateway": ("services.gateway.__main__", "services.gateway.keys"),
    "feature": ("services.feature.__main__", "infra.kafka.topics"),
    "scoring": ("services.scoring.__main__", "services.scoring.file"),
    "ledger": ("services.ledger.__main__", "alembic.config"),
    "monitoring": ("services.monitoring.__main__", "services.monitoring.report_process"),
    "ui": ("services.ui.__main__", "services.ui.page_decision", "streamlit.web.cli"),
    "training": ("services.training.__main__", "services.training.promote", "services.sample.__main__"),
    "mlflow": ("mlflow.server", "psycopg"),
    "replay": ("services.replay.__main__", "services.replay.outcomes"),
}


def test_every_container_is_without_root_without_rights_and_cannot_write(project: Project) -> None:
    containers = project.containers()
    assert {container["Config"]["Labels"]["com.docker.compose.service"] for container in containers} == {
        *STAYING,
        *JOBS,
    }
    for container in containers:
        host = container["HostConfig"]
        assert container["Config"]["User"].split(":")[0] not in {"", "0", "root"}, container["Name"]
        assert host["ReadonlyRootfs"], container["Name"]
        assert host["CapDrop"] == ["ALL"], container["Name"]
        assert not host["CapAdd"], container["Name"]
        assert not host["Privileged"], container["Name"]
        assert "no-new-privileges:true" in host["SecurityOpt"], container["Name"]
        assert host["Memory"] > 0, container["Name"]
        assert host["NanoCpus"] > 0, container["Name"]


@pytest.mark.parametrize("service", STAYING)
def test_the_kernel_knows_no_right_of_a_process(project: Project, service: str) -> None:
    told = project.compose("exec", "--no-TTY", service, "cat", "/proc/1/status")
    status = dict(line.split(":", 1) for line in told.splitlines())
    assert "0" not in status["Uid"].split()
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"


def test_what_is_published_is_for_this_machine_alone(project: Project) -> None:
    bindings = [container["HostConfig"]["PortBindings"] for container in project.containers()]
    published = list(chain.from_iterable(chain.from_iterable(ports.values()) for ports in bindings if ports))
    assert len(published) == len(("gateway", "monitoring", "ui", "mlflow", "kafka"))
    assert {port["HostIp"] for port in published} == {"127.0.0.1"}


@pytest.mark.parametrize("service", MEGABYTES)
def test_an_image_adds_no_more_than_its_service_needs(project: Project, service: str) -> None:
    project.compose("--profile", "*", "build", "--quiet", service)
    added = project.image_bytes(f"octroi-{service}") - project.image_bytes(BASE)
    assert 0 < added < MEGABYTES[service] * 1_000_000


@pytest.mark.parametrize("service", PROGRAMS)
def test_each_program_imports_in_its_own_image(project: Project, service: str) -> None:
    imports = f"import {', '.join(PROGRAMS[service])}"
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--entrypoint", "python", service, "-c", imports)
    project.compose(*run)


def test_images_carry_neither_data_nor_tests_nor_secrets(project: Project) -> None:
    look = "import pathlib; print(sorted(path.name for path in pathlib.Path('/app').rglob('*')))"
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--entrypoint", "python", "training", "-c", look)
    names = project.compose(*run)
    assert "requirements.lock" in names
    for unwanted in (".env'", ".csv'", "'tests'", "'conftest.py'", "'.git'", "api-key"):
        assert unwanted not in names


def test_what_needs_images_from_elsewhere_is_written_correctly(project: Project) -> None:
    described = json.loads(project.compose("--profile", "*", "config", "--format", "json"))["services"]
    assert {"prometheus", "grafana", "replay"} <= described.keys()
    for name in ("prometheus", "grafana"):
        assert described[name]["read_only"]
        assert described[name]["cap_drop"] == ["ALL"]
