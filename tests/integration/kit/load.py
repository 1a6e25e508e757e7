"""Records that keep coming while a test disturbs those who handle them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.integration.kit.scene import KafkaScene, keys, numbered
from tests.integration.kit.waiting import until

BACKLOG = 400
CHUNK = 50


@dataclass
class Written:
    """Records written to each partition so far; their keys are their numbers."""

    each: int = 0
    ended: bool = False

    def keys(self, *, refused: bool) -> list[bytes]:
        """Return the keys that the small service copies, or those that it refuses."""
        return [str(n).encode() for n in range(self.each) if (n % 100 == 0) is refused]


@asynccontextmanager
async def load(scene: KafkaScene) -> AsyncIterator[Written]:
    """Write to all partitions while the block runs, as fast as they are handled, with a backlog."""
    written = Written()

    async def backlog_is_small() -> bool:
        return written.ended or written.each * scene.partitions - await scene.committed() < BACKLOG

    async def write() -> None:
        while not written.ended:
            records = numbered(CHUNK, start=written.each)
            for partition in range(scene.partitions):
                await scene.send(scene.names.source, partition, records)
            written.each += CHUNK
            await until(backlog_is_small)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        yield written
        written.ended = True


async def assert_copied_once_and_in_order(scene: KafkaScene, written: Written) -> None:
    copies, letters = await scene.read(scene.names.target), await scene.read(scene.names.dead)
    for partition in range(scene.partitions):
        assert keys(copies, partition) == written.keys(refused=False)
        assert keys(letters, partition) == written.keys(refused=True)
    assert await scene.committed() == written.each * scene.partitions
