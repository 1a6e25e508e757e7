"""More containers of a service share its work."""

from collections.abc import Iterator

import pytest

from tests.compose.project import Project

pytestmark = pytest.mark.compose

INSTANCES = 3
MEMBERS = "/opt/kafka/bin/kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --members --group"


@pytest.fixture
def scaled(project: Project) -> Iterator[Project]:
    project.up("--no-recreate", "--scale", f"scoring={INSTANCES}")
    yield project
    project.up("--no-recreate", "--scale", "scoring=1")


def test_three_of_scoring_share_the_partitions_and_decide_once(scaled: Project) -> None:
    assert len(scaled.containers("scoring")) == INSTANCES
    replay = scaled.start_replay(1000, 200)
    output, _ = replay.communicate(timeout=300)
    assert replay.returncode == 0, output
    heap = ("--env", "KAFKA_HEAP_OPTS=-Xmx64m")
    told = scaled.compose("exec", "--no-TTY", *heap, "kafka", *MEMBERS.split(), "octroi-scoring")
    members = [line.split() for line in told.splitlines() if line.startswith("octroi-scoring")]
    assert len(members) == INSTANCES
    assert all(int(member[-1]) > 0 for member in members), told
