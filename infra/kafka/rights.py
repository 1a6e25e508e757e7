"""The words of Kafka's access control list, and what a service's work takes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from services.contracts.topics import Topic


class Kind(IntEnum):
    """What a right is about, by Kafka's numbers."""

    TOPIC = 2
    GROUP = 3
    TRANSACTIONAL_ID = 5

    @property
    def option(self) -> str:
        """As `kafka-acls.sh` says it."""
        return f"--{self.name.lower().replace('_', '-')}"


class Operation(IntEnum):
    """What may be done, by Kafka's numbers. To read or write brings to describe."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10

    @property
    def word(self) -> str:
        """As `kafka-acls.sh` says it."""
        return self.name.title().replace("_", "")


@dataclass(frozen=True, slots=True)
class Right:
    """One entry of Kafka's list; a prefixed one holds for all names that begin so."""

    kind: Kind
    name: str
    operation: Operation
    prefixed: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What one service does.

    A producer that is idempotent needs no right of its own: since Kafka 2.8 to write a topic brings it.
    """

    reads: Sequence[Topic] = ()
    writes: Sequence[Topic] = ()
    makes: Sequence[Topic] = ()
    describes: Sequence[Topic] = ()
    group: str | None = None
    """The consumer group that it is a member of."""
    transactions: bool = False
    """Whether it writes in transactions, whose ids begin with the group's name."""
    watches: Sequence[str] = ()
    """Groups whose progress it looks at."""

    def rights(self) -> Iterator[Right]:
        """Yield the entries."""
        for topics, operations in (
            (self.reads, (Operation.READ,)),
            (self.writes, (Operation.WRITE,)),
            (self.describes, (Operation.DESCRIBE,)),
            (self.makes, (Operation.CREATE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)),
        ):
            for operation in operations:
                yield from (Right(Kind.TOPIC, topic.name, operation) for topic in topics)
        if self.group is not None:
            yield Right(Kind.GROUP, self.group, Operation.READ)
            if self.transactions:
                yield Right(Kind.TRANSACTIONAL_ID, f"{self.group}.", Operation.WRITE, prefixed=True)
        yield from (Right(Kind.GROUP, group, Operation.DESCRIBE) for group in self.watches)
