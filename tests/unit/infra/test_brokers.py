from pathlib import Path

import pytest

from infra.local.brokers import ExternalKafka, choose_broker
from infra.local.errors import LauncherError
from infra.local.java import Java
from infra.local.kafka_jars import is_complete, jars_folder
from infra.local.memory_kafka import MemoryKafka
from infra.local.settings import LocalSettings
from infra.local.state import State
from services.kit.kafka_settings import KafkaSettings


def test_a_cluster_that_the_environment_names_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    broker = choose_broker(LocalSettings(), State(tmp_path))
    assert isinstance(broker, ExternalKafka)
    assert broker.bootstrap() == "one:9092,two:9092"
    assert broker.ports == ()
    broker.prepare()


def test_an_address_without_a_port_is_refused() -> None:
    with pytest.raises(LauncherError, match="KAFKA_BOOTSTRAP_SERVERS must be host:port"):
        ExternalKafka("one:9092,two", KafkaSettings()).prepare()


def test_without_java_there_is_a_stand_in_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    broker = choose_broker(LocalSettings(), State(tmp_path))
    assert isinstance(broker, MemoryKafka)
    assert "forgets everything" in broker.title


@pytest.mark.parametrize(
    ("version", "major"), [("17.0.15+6-Debian-1deb12u1", 17), ("21", 21), ("1.8.0_402", 1)]
)
def test_the_major_version_is_the_first_number(version: str, major: int) -> None:
    assert Java("java", version).major == major


def test_an_archive_that_java_did_not_finish_is_not_used(tmp_path: Path) -> None:
    archive = tmp_path / "classes.jsa"
    assert not is_complete(archive)
    archive.write_bytes(bytes(4096))
    assert not is_complete(archive)
    archive.write_bytes(b"\xa8\xab\x0b\xf0" + bytes(4096))
    assert is_complete(archive)


def test_linked_jars_are_used_by_the_path_that_the_archive_of_their_classes_was_made_with(
    tmp_path: Path,
) -> None:
    jars, linked = tmp_path / "jars", tmp_path / "state" / "jars"
    jars.mkdir()
    linked.parent.mkdir()
    linked.symlink_to(jars, target_is_directory=True)
    assert jars_folder(linked) == jars_folder(jars)
    assert jars_folder(linked).parent == jars
