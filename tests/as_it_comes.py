"""Apache Kafka with its own default: it makes a topic when somebody asks for it who does not forbid that."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.metadata import MetadataRequest

from infra.local.kafka import ApacheKafka
from tests.integration.kit.waiting import until
from tests.parts import NO_KAFKA, new_kafka, running_part

FORBIDDEN = "auto.create.topics.enable=false"


class KafkaAsItComes(ApacheKafka):
    """A broker that nobody has told to leave it."""

    def configuration(self) -> str:
        """Return any broker's configuration, without that line."""
        lines = super().configuration().splitlines()
        return "\n".join(line for line in lines if line != FORBIDDEN)

    def configure(self, command: str) -> None:
        """Do what a command line of `kafka-configs.sh` does, with the jars at hand."""
        program, *arguments = shlex.split(command.replace("$KAFKA_BOOTSTRAP_SERVERS", self.bootstrap()))
        assert program == "kafka-configs.sh"
        subprocess.run(self._command("kafka.admin.ConfigCommand", *arguments), check=True)


@contextmanager
def running_as_it_comes(folder: Path) -> Iterator[KafkaAsItComes]:
    """Run such a broker with all that it writes in `folder`."""
    broker = new_kafka(folder / "kafka", KafkaAsItComes)
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, folder / "kafka.log"):
        yield broker


async def make_by_asking(admin: AIOKafkaAdminClient, *topics: str) -> None:
    """Have topics made as a client does that asks for them, and return when they are there."""

    async def made() -> bool:
        asking = MetadataRequest(list(topics), allow_auto_topic_creation=True)
        await admin._send_request(asking)  # noqa: SLF001 - the client has no other way
        return set(topics) <= set(await admin.list_topics())

    await until(made)
