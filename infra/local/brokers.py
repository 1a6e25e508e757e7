"""Where Kafka comes from: a cluster that is there already, Apache Kafka itself, or a stand-in."""

import asyncio
import re
from dataclasses import dataclass
from typing import Protocol

from infra.local.errors import wrong_input
from infra.local.java import find_java, has_maven
from infra.local.kafka import OLDEST_JAVA, ApacheKafka
from infra.local.kafka_answers import answers_requests
from infra.local.kafka_jars import has_jars
from infra.local.memory_kafka import MemoryKafka, can_run
from infra.local.part import Part
from infra.local.ports import Port
from infra.local.settings import LocalSettings, read_settings_of
from infra.local.state import State
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import LoginError, demand_entry


class Broker(Part, Protocol):
    """A part that speaks Kafka's protocol."""

    def bootstrap(self) -> str:
        """Return the address for clients, comma-separated host:port; only known once it is ready."""

    def parts(self) -> tuple[Part, ...]:
        """Return itself and what must run before it, in the order of their start."""


@dataclass(frozen=True, slots=True)
class ExternalKafka:
    """A cluster that somebody else runs."""

    servers: str
    kafka: KafkaSettings
    """How to log in there."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return f"Kafka at {self.servers}, from KAFKA_BOOTSTRAP_SERVERS"

    @property
    def ports(self) -> tuple[Port, ...]:
        """None of this machine's."""
        return ()

    def bootstrap(self) -> str:
        """Return the address for clients."""
        return self.servers

    def parts(self) -> tuple[Part, ...]:
        """Return itself: what it is made of is no matter of ours."""
        return (self,)

    def prepare(self) -> None:
        """Check the addresses, and that the cluster lets us in where it can be reached.

        Raises LauncherError where one is not host:port, or a setting keeps us out.
        """
        if not re.fullmatch(r"[^\s,]+:\d+(\s*,\s*[^\s,]+:\d+)*", self.servers.strip()):
            raise wrong_input(
                f"KAFKA_BOOTSTRAP_SERVERS must be host:port, comma-separated, not {self.servers!r}"
            )
        try:
            asyncio.run(demand_entry(self.kafka))
        except LoginError as error:
            raise wrong_input(str(error)) from error

    def program(self) -> None:
        """Nothing to run."""

    def is_ready(self) -> bool:
        """Tell whether one of its brokers answers."""
        addresses = (server.strip().rpartition(":") for server in self.servers.split(","))
        tls = self.kafka.client()["ssl_context"]
        return any(answers_requests(host, int(port), tls) for host, _, port in addresses)


def choose_broker(settings: LocalSettings, state: State) -> Broker:
    """Return the best Kafka that this machine can have.

    Raises LauncherError where there is none at all.
    """
    if settings.kafka_bootstrap_servers:
        return ExternalKafka(settings.kafka_bootstrap_servers, read_settings_of(KafkaSettings))
    java = find_java()
    if java is not None and java.major >= OLDEST_JAVA and (has_jars(state.kafka_jars) or has_maven()):
        return ApacheKafka(
            state.kafka, state.kafka_jars, java, settings.kafka_port, settings.kafka_controller_port, "broker"
        )
    if can_run():
        return MemoryKafka(state.kafka)
    raise wrong_input(
        f"there is no Kafka: install Java {OLDEST_JAVA} and Maven, or set KAFKA_BOOTSTRAP_SERVERS"
    )
