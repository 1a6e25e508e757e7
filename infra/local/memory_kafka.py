"""The stand-in where there is no Java: the in-memory broker that confluent-kafka carries for its own tests.

It forgets everything when it ends, topics appear by themselves, and offsets sent in a transaction are not
kept: enough to see the engine at work, not to trust it with anything.
"""

import signal
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.local.kafka_answers import answers_requests
from infra.local.part import Part, Program
from infra.local.ports import Port


@dataclass(frozen=True, slots=True)
class MemoryKafka:
    """A broker that says in a file of `folder` where it listens, since it picks its port itself."""

    folder: Path

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return "In-memory Kafka (no Java 17 with Maven here; it forgets everything when it stops)"

    @property
    def ports(self) -> tuple[Port, ...]:
        """None that could be reserved."""
        return ()

    @property
    def address(self) -> Path:
        """File with the host:port of the running broker."""
        return self.folder / "address"

    def bootstrap(self) -> str:
        """Return the address for clients, once the broker is ready."""
        return self.address.read_text(encoding="utf-8")

    def parts(self) -> tuple[Part, ...]:
        """Return itself: there is nothing else."""
        return (self,)

    def prepare(self) -> None:
        """Forget where an earlier broker listened."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address.unlink(missing_ok=True)

    def program(self) -> Program:
        """Return this module as a program."""
        return Program("kafka", (sys.executable, "-m", __name__, str(self.address)))

    def is_ready(self) -> bool:
        """Tell whether the broker answers requests."""
        if not self.address.exists():
            return False
        host, _, port = self.bootstrap().rpartition(":")
        return answers_requests(host, int(port))


def can_run() -> bool:
    """Tell whether confluent-kafka is installed."""
    return find_spec("confluent_kafka") is not None


def serve(address: Path) -> None:
    """Hold the broker until SIGTERM or SIGINT, and write where it listens."""
    from confluent_kafka import Producer  # noqa: PLC0415 - the launcher imports this module without it

    # Whoever holds this client holds the broker.
    producer = Producer({"test.mock.num.brokers": 1})
    broker = next(iter(producer.list_topics(timeout=10).brokers.values()))
    unfinished = address.with_suffix(".unfinished")
    unfinished.write_text(f"{broker.host}:{broker.port}", encoding="utf-8")
    unfinished.rename(address)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    address.unlink()


if __name__ == "__main__":
    # Blocked before the client starts its threads, so that the signals wait for `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    serve(Path(sys.argv[1]))
