"""What can happen to the nodes of Kafka's cluster."""

import os
import random
import signal
from collections.abc import Mapping
from functools import partial
from time import monotonic, sleep

from tests.chaos.cluster import Cluster
from tests.chaos.faults import Fault
from tests.engine import RunningEngine
from tests.parts import RunningPart

BACK_WITHIN = 15.0
"""Seconds. A node that was killed comes back by then: before its controller holds it for dead, or after."""
BEYOND_A_SESSION = (12.0, 20.0)


def faults_of(cluster: Cluster) -> tuple[Fault, ...]:
    """Return what can happen to its nodes."""
    return (
        Fault("kill -9 one of three brokers", partial(_kill_one, cluster, cluster.brokers), 20),
        Fault("kill -9 one of three controllers", partial(_kill_one, cluster, cluster.controllers), 6),
        Fault("one of three brokers sleeps, 12 to 20 s", partial(_sleep, cluster), 8),
        Fault("two of three brokers away", partial(_two_away, cluster), 4),
        Fault("rolling restart of three brokers", partial(_rolling_restart, cluster), 2),
    )


def _kill_one(
    cluster: Cluster, nodes: Mapping[int, RunningPart], _: RunningEngine, chance: random.Random
) -> float:
    """End a node as a crash does; the others take over what it led, and it comes back by itself."""
    cluster.settle()
    node = nodes[chance.choice(sorted(nodes))]
    node.kill()
    cluster.later(chance.uniform(0, BACK_WITHIN), node.start)
    return monotonic()


def _sleep(cluster: Cluster, _: RunningEngine, chance: random.Random) -> float:
    """Stop a broker's clock until others lead in its place; connections to it stay, and say nothing."""
    cluster.settle()
    broker = cluster.brokers[chance.choice(sorted(cluster.brokers))]
    _send(broker, signal.SIGSTOP)
    cluster.later(chance.uniform(*BEYOND_A_SESSION), partial(_send, broker, signal.SIGCONT))
    return monotonic()


def _two_away(cluster: Cluster, _: RunningEngine, chance: random.Random) -> float:
    """Leave one broker, which alone may take nothing."""
    cluster.settle()
    gone = chance.sample(sorted(cluster.brokers), 2)
    for number in gone:
        cluster.brokers[number].kill()
    sleep(chance.uniform(1, BACK_WITHIN))
    for number in gone:
        cluster.brokers[number].start()
    return monotonic()


def _rolling_restart(cluster: Cluster, _: RunningEngine, __: random.Random) -> float:
    """Restart one broker after the other, in order, as an upgrade does."""
    for broker in cluster.brokers.values():
        cluster.settle()
        broker.stop()
        broker.start()
    return monotonic()


def _send(node: RunningPart, signal_: signal.Signals) -> None:
    assert node.process is not None
    os.kill(node.process.pid, signal_)
