"""From one result per record to what each partition delivers, and where one must wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.kit.dead_letters import DeadLetterOffice
from services.kit.errors import FatalError
from services.kit.records import Emit, Hold, Message, Output, Partition, Record, Reject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """A partition waits at `offset`, for `reason`."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """A turn's batch, settled: outputs to deliver and partitions to hold."""

    outputs: Mapping[Partition, Output[T]]
    held: Mapping[Partition, Held]
    refused: Sequence[bool]
    """Of each record that is done with, in order, whether it is a dead letter."""

    def handled(self) -> int:
        """Return how many records are done with."""
        return len(self.refused)


def settle(
    batches: Mapping[Partition, Sequence[Record]],
    results: Sequence[Emit[T] | Reject | Hold],
    office: DeadLetterOffice,
) -> Settled[T]:
    """Part `results`, in the order of the batches' records, by partition.

    What follows a held record in its partition waits with it, so that order is kept.
    Raises FatalError when there is not one result for each record.
    """
    records = sum(map(len, batches.values()))
    if len(results) != records:
        raise FatalError(f"the handler gave {len(results)} results for {records} records: mend the handler")
    outputs: dict[Partition, Output[T]] = {}
    held: dict[Partition, Held] = {}
    refused: list[bool] = []
    following = iter(results)
    for partition, batch in batches.items():
        items: list[tuple[Record, T]] = []
        dead: list[tuple[Record, Message]] = []
        done = 0
        for record, result in zip(batch, [next(following) for _ in batch], strict=True):
            if isinstance(result, Hold):
                held[partition] = Held(record.offset, result.reason)
                break
            if isinstance(result, Reject):
                dead.append((record, office.letter(record, result.error)))
            else:
                items.extend((record, item) for item in result.items)
            refused.append(isinstance(result, Reject))
            done += 1
        if done:
            outputs[partition] = Output(tuple(items), tuple(dead), done, batch[done - 1].offset + 1)
    return Settled(outputs, held, refused)
