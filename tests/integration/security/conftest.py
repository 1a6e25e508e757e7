"""One Kafka with logins and rights for all of these tests, set up as the README says."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.parts import NO_KAFKA, new_kafka, running_part
from tests.programs import python
from tests.secured import ADMINISTRATOR, SecuredKafka


def run(
    kafka: SecuredKafka, user: str, *command: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of the project as a user of that Kafka."""
    return python("-m", *command, **{**kafka.environment(user), **environment})


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """A broker where each service has its rights, and the topics are made."""
    folder = tmp_path_factory.mktemp("secured")
    broker = new_kafka(folder / "kafka", SecuredKafka)
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, folder / "kafka.log"):
        given = run(broker, ADMINISTRATOR, "infra.kafka.access", "--grant")
        assert given.returncode == 0, given.stderr
        made = run(broker, "octroi-topics", "infra.kafka.topics")
        assert made.returncode == 0, made.stderr
        yield broker
