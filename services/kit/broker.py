"""What the stream loop asks of a broker. Kafka gives it, and the in-memory twin does for unit tests."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from services.kit.records import Output, Partition, Record

T_contra = TypeVar("T_contra", contravariant=True)


class Connection(Protocol[T_contra]):
    """A consumer group's member together with its way to deliver. Any method may raise UnavailableError."""

    async def open(self) -> None:
        """Join the group."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Keep the assignment as it is for the length of one turn and of the delivery begun in it."""

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        """Return the next records of the assigned partitions, from the committed offsets on."""

    async def deliver(self, outputs: Mapping[Partition, Output[T_contra]]) -> None:
        """Hand over each output and commit its offset with it: both or neither is seen by others."""

    async def rest(self) -> None:
        """Prepare for a pause: nothing came, and nothing is being delivered."""

    def rewind(self, partition: Partition, offset: int) -> None:
        """Stop reading a partition and stand at `offset`, until `resume`."""

    def resume(self, partition: Partition) -> None:
        """Read a partition again."""

    async def lag(self) -> Mapping[Partition, int]:
        """Return how many records of each assigned partition wait to be read."""

    async def close(self) -> None:
        """Let go of everything. Never raises."""
