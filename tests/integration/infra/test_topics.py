"""Topics of a cluster that was there before, which made them itself or had them changed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.layouts import CLUSTER
from services.contracts.topics import APPLICATIONS, CATALOGUES, TOPICS
from tests.as_it_comes import KafkaAsItComes, make_by_asking, running_as_it_comes
from tests.integration.kit.growing import grow
from tests.integration.kit.scene import KafkaScene
from tests.parts import until
from tests.programs import python

pytestmark = pytest.mark.kafka
PARTITIONS = 2
TOOL = "kafka-configs.sh"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaAsItComes]:
    with running_as_it_comes(tmp_path) as broker:
        yield broker


def make_topics(broker: KafkaAsItComes) -> subprocess.CompletedProcess[str]:
    return python(
        *("-m", "infra.kafka.topics"),
        KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap(),
        OCTROI_TOPIC_PARTITIONS=str(PARTITIONS),
    )


def configured(broker: KafkaAsItComes, told: str) -> None:
    """Do what a difference of settings says."""
    broker.configure(TOOL + told.rpartition(TOOL)[2])


def until_told(broker: KafkaAsItComes, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Return what ended when this was told: a broker learns of a change a moment after it is made."""
    ended: list[subprocess.CompletedProcess[str]] = []

    def is_told() -> bool:
        ended.append(make_topics(broker))
        return ended[-1].stderr.splitlines() == lines

    until(is_told, f"{lines} to be told")
    return ended[-1]


async def test_topics_that_kafka_made_itself_are_told_with_what_cures_them(broker: KafkaAsItComes) -> None:
    async with KafkaScene(broker.bootstrap()).admin() as admin:
        await make_by_asking(admin, APPLICATIONS.name, CATALOGUES.name)
    found = make_topics(broker)
    assert found.returncode == 1
    assert found.stdout == f"topics: {len(TOPICS) - 2} made, 2 were there\n"
    lines = found.stderr.splitlines()
    [losing] = [line for line in lines if "records are removed that are still needed" in line]
    assert losing.startswith(f"{CATALOGUES.name}: cleanup.policy is delete, not compact: ")
    configured(broker, losing)
    # What else is as Kafka's default has it ends nothing any more, and is told as before.
    rest = [line for line in lines if line != losing]
    assert until_told(broker, rest).returncode == 0
    [fewer] = [line for line in lines if f"partitions are 1, not {PARTITIONS}: " in line]
    assert fewer.startswith(f"{APPLICATIONS.name}: ")
    await grow(broker.bootstrap(), PARTITIONS, APPLICATIONS.name)
    for line in rest:
        if TOOL in line:
            configured(broker, line)
    assert until_told(broker, []).returncode == 0


def test_topics_that_were_made_here_are_left_alone_and_a_choice_of_the_operator_is_told(
    broker: KafkaAsItComes,
) -> None:
    assert make_topics(broker).stdout == f"topics: {len(TOPICS)} made, 0 were there\n"
    again = make_topics(broker)
    assert (again.returncode, again.stderr) == (0, "")
    set_it = f"{TOOL} {CLUSTER} --entity-type topics --entity-name {APPLICATIONS.name}"
    configured(broker, f"{set_it} --add-config retention.ms=86400000")
    told = (
        f"{APPLICATIONS.name}: retention.ms is 86400000, not 2592000000; "
        f"unless that is meant set it with: {set_it} --add-config retention.ms=2592000000"
    )
    assert until_told(broker, [told]).returncode == 0
