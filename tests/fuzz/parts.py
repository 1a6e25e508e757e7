"""The real parts of a longer run."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.kafka import OLDEST_JAVA, ApacheKafka
from tests.integration.ledger.migrating import migrate, new_database
from tests.parts import new_kafka, new_postgres, part_folder, running_part

NO_KAFKA = (
    "left out: requests to monitoring, and so the run has failed: there is no Apache Kafka: "
    f"install Java {OLDEST_JAVA} and Maven"
)


@dataclass(frozen=True)
class Parts:
    """Where they are."""

    server: str
    """URL of a database of PostgreSQL's."""
    template: str
    """URL of one with all migrations."""
    kafka: str | None
    """Addresses of a broker; None where none can run."""


@contextmanager
def running_parts(folder: Path) -> Iterator[Parts]:
    """Start PostgreSQL, and Kafka where it can run."""
    with ExitStack() as stack:
        server = new_postgres(stack.enter_context(part_folder()) / "postgres")
        stack.enter_context(running_part(server, folder / "postgres.log"))
        url = server.url("octroi")
        template = stack.enter_context(new_database(url))
        migrated = migrate(template, "upgrade", "head")
        assert migrated.returncode == 0, migrated.stderr
        broker: ApacheKafka | None = new_kafka(folder / "kafka")
        if broker is not None:
            stack.enter_context(running_part(broker, folder / "kafka.log"))
        yield Parts(url, template, broker.bootstrap() if broker else None)
