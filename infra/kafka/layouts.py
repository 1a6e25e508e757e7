"""How topics lie in a cluster, and what is otherwise about one than it was asked for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError, for_code

LOSES_RECORDS: Final = frozenset({"cleanup.policy"})
"""Settings of which no other value can be meant: a catalogue goes after a while, or what else a key had."""
CLUSTER: Final = "--bootstrap-server $KAFKA_BOOTSTRAP_SERVERS --alter"


@dataclass(frozen=True, slots=True)
class Layout:
    """A topic's place in the cluster."""

    partitions: int
    copies: int
    """Of each partition, or of the one that has the fewest."""
    configuration: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise about a topic, and how that is put right."""

    topic: str
    what: str
    cure: str
    loses_records: bool = False

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}; {self.cure}"


def differences(topic: str, asked: Layout, found: Layout) -> Iterator[Difference]:
    """Yield what is less than was asked for, and settings that are others."""
    if found.partitions < asked.partitions:
        yield Difference(
            topic,
            f"partitions are {found.partitions}, not {asked.partitions}: "
            "no more processes of a stage share its work",
            f"set OCTROI_TOPIC_PARTITIONS, or stop the services and make more with: "
            f"kafka-topics.sh {CLUSTER} --topic {topic} --partitions {asked.partitions}",
        )
    if found.copies < asked.copies:
        yield Difference(
            topic,
            f"copies are {found.copies}, not {asked.copies}: fewer brokers can be lost",
            "set OCTROI_TOPIC_MOST_COPIES, or make more with kafka-reassign-partitions.sh",
        )
    others = {name for name, value in asked.configuration.items() if found.configuration.get(name) != value}
    if losing := others & LOSES_RECORDS:
        yield Difference(
            topic,
            f"{_compared(losing, asked, found)}: records are removed that are still needed",
            f"before anything starts set it with: {_command(topic, losing, asked)}",
            loses_records=True,
        )
    if other := others - LOSES_RECORDS:
        yield Difference(
            topic,
            _compared(other, asked, found),
            f"unless that is meant set it with: {_command(topic, other, asked)}",
        )


def _compared(names: Collection[str], asked: Layout, found: Layout) -> str:
    return ", ".join(
        f"{name} is {found.configuration.get(name)}, not {asked.configuration[name]}"
        for name in sorted(names)
    )


def _command(topic: str, names: Collection[str], asked: Layout) -> str:
    wanted = ",".join(f"{name}={asked.configuration[name]}" for name in sorted(names))
    return f"kafka-configs.sh {CLUSTER} --entity-type topics --entity-name {topic} --add-config {wanted}"


async def layouts(admin: AIOKafkaAdminClient, topics: Collection[str]) -> Mapping[str, Layout]:
    """Return how topics lie. Raises KafkaError.

    Those that another run of the program makes at this moment, a broker may not know yet: they are left out.
    """
    # Asked for no names, Kafka would tell of all that it has.
    described = await admin.describe_topics(list(topics)) if topics else []
    known = {each["topic"]: each for each in described if _is_known(each["error_code"], each["topic"])}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in known])
    return {
        name: Layout(
            partitions=len(known[name]["partitions"]),
            copies=min(len(partition["replicas"]) for partition in known[name]["partitions"]),
            configuration={setting: value for setting, value, *_ in entries},
        )
        for answer in answers
        for code, _, _, name, entries in answer.resources
        if _is_known(code, name)
    }


def _is_known(code: int, topic: str) -> bool:
    if code not in (0, UnknownTopicOrPartitionError.errno):
        raise for_code(code)(topic)
    return code == 0
