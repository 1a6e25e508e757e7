"""How a broker is started: after a crash not before its controller has let it go."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.local.java import Java
from infra.local.kafka import BROKER_SESSION_SECONDS, CONFIGURATION, ApacheKafka, Roles


@pytest.fixture
def broker(tmp_path: Path) -> ApacheKafka:
    return ApacheKafka(tmp_path, tmp_path / "jars", java(tmp_path), port=1, controller_port=2, roles="broker")


def java(folder: Path) -> Java:
    """Return one that says what was done before it."""
    binary = folder / "java"
    binary.write_text("#!/bin/sh\ncat slept 2>/dev/null\nexit 0\n")
    sleep = folder / "sleep"
    sleep.write_text('#!/bin/sh\necho "$1" > slept\n')
    for program in (binary, sleep):
        program.chmod(0o700)
    return Java(str(binary), "17")


def waited(broker: ApacheKafka) -> str:
    """Start it, and return how long it waited before."""
    path = f"{broker.folder}:{os.environ['PATH']}"
    command = broker.program().command
    environment = {**os.environ, "PATH": path}
    ended = subprocess.run(
        command, cwd=broker.folder, env=environment, capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def test_after_a_crash_it_waits_as_long_as_its_controller_holds_it_for_alive(broker: ApacheKafka) -> None:
    (broker.data / "__cluster_metadata-0").mkdir(parents=True)
    assert waited(broker) == str(BROKER_SESSION_SECONDS)
    properties = (CONFIGURATION / "server.properties").read_text()
    assert f"broker.session.timeout.ms={1000 * BROKER_SESSION_SECONDS}\n" in properties


def test_after_a_clean_end_it_does_not_wait(broker: ApacheKafka) -> None:
    (broker.data / "__cluster_metadata-0").mkdir(parents=True)
    (broker.data / ".kafka_cleanshutdown").touch()
    assert waited(broker) == ""


def test_the_first_time_it_does_not_wait(broker: ApacheKafka) -> None:
    assert waited(broker) == ""


@pytest.mark.parametrize("roles", ["controller", "broker,controller"])
def test_a_controller_waits_for_nobody(roles: Roles, tmp_path: Path) -> None:
    node = ApacheKafka(tmp_path, tmp_path / "jars", java(tmp_path), port=1, controller_port=2, roles=roles)
    (node.data / "__cluster_metadata-0").mkdir(parents=True)
    assert waited(node) == ""
