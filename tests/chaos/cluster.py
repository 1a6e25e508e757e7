"""Kafka as it is on Kubernetes: three brokers and three controllers."""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Timer
from unittest.mock import patch
from uuid import uuid4

from confluent_kafka.admin import AdminClient

from infra.local.kafka import ApacheKafka
from infra.local.part import Program
from infra.local.ports import HOST
from tests.parts import NO_KAFKA, RunningPart, new_kafka, running_part, until

NODES = 3
FIRST_CONTROLLER = 11
CLUSTER = """
node.id={number}
controller.quorum.voters={voters}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
# Kafka's own: nobody sets it on a cluster that is not this machine's.
broker.session.timeout.ms=9000
broker.heartbeat.interval.ms=2000
"""


@dataclass(frozen=True)
class Node(ApacheKafka):
    """A broker or a controller of the cluster."""

    number: int = 0
    voters: str = ""

    def configuration(self) -> str:
        """Return any node's configuration; what is said last counts."""
        return super().configuration() + CLUSTER.format(number=self.number, voters=self.voters)

    def program(self) -> Program:
        """Return the node, which comes back at once, as a pod does."""
        return Program(
            f"kafka-{self.number}",
            self._command("kafka.Kafka", str(self.properties), options=self._class_archive()),
            folder=self.folder,
        )


@dataclass(frozen=True)
class Cluster:
    """Nodes that run, each of which can be broken."""

    brokers: Mapping[int, RunningPart]
    controllers: Mapping[int, RunningPart]
    bootstrap: str
    _pending: list[Timer] = field(default_factory=list)

    def later(self, seconds: float, mend: Callable[[], None]) -> None:
        """Mend a node after so many seconds."""
        timer = Timer(seconds, mend)
        self._pending.append(timer)
        timer.start()

    def mended(self) -> None:
        """Return when all that is to come later has come."""
        while self._pending:
            self._pending.pop().join()

    def settle(self) -> None:
        """Return when all nodes are up and every partition has all its copies."""
        self.mended()
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        until(lambda: _in_sync(admin), "every copy to be in sync")


def _in_sync(admin: AdminClient) -> bool:
    topics = admin.list_topics(timeout=20).topics.values()
    partitions = [partition for topic in topics for partition in topic.partitions.values()]
    return all(len(each.isrs) == len(each.replicas) == NODES for each in partitions)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start a cluster, which every program finds by its environment, as any that is there already."""
    brokers, controllers = _nodes(folder)
    name = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    with ExitStack() as running:
        started = {
            node.number: running.enter_context(_running(node, name)) for node in (*controllers, *brokers)
        }
        cluster = Cluster(
            {node.number: started[node.number] for node in brokers},
            {node.number: started[node.number] for node in controllers},
            ",".join(node.bootstrap() for node in brokers),
        )
        running.callback(cluster.mended)
        running.enter_context(patch.dict(os.environ, {"KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap}))
        yield cluster


def _nodes(folder: Path) -> tuple[list[Node], list[Node]]:
    """Return brokers and controllers, each with a folder of its own, and one name of their cluster."""
    made = [new_kafka(folder / str(place), Node) for place in range(2 * NODES)]
    nodes = [node for node in made if node is not None]
    assert nodes, NO_KAFKA
    controllers = [
        replace(node, number=FIRST_CONTROLLER + place, roles="controller")
        for place, node in enumerate(nodes[NODES:])
    ]
    voters = ",".join(f"{node.number}@{HOST}:{node.controller_port}" for node in controllers)
    brokers = [replace(node, number=place, roles="broker") for place, node in enumerate(nodes[:NODES], 1)]
    return [replace(node, voters=voters) for node in brokers], [
        replace(node, voters=voters) for node in controllers
    ]


@contextmanager
def _running(node: Node, name: str) -> Iterator[RunningPart]:
    node.folder.mkdir(parents=True)
    (node.folder / "cluster-id").write_text(name, encoding="utf-8")
    with running_part(node, node.folder / "log") as running:
        yield running
