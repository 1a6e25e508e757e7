"""Connections with faults: what a network does, at the moment that a test wants it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from services.kit.broker import Connection
from services.kit.errors import UnavailableError
from services.kit.records import Message, Output, Partition, Record


class Faulty:
    """A connection that works as the one it wraps."""

    def __init__(self, inner: Connection[Message]) -> None:
        self._inner = inner

    async def open(self) -> None:
        await self._inner.open()

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._inner.turn()

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        return await self._inner.poll()

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        await self._inner.deliver(outputs)

    async def rest(self) -> None:
        await self._inner.rest()

    def rewind(self, partition: Partition, offset: int) -> None:
        self._inner.rewind(partition, offset)

    def resume(self, partition: Partition) -> None:
        self._inner.resume(partition)

    async def lag(self) -> Mapping[Partition, int]:
        return await self._inner.lag()

    async def close(self) -> None:
        await self._inner.close()


class Faults:
    """How often a connection breaks before and after it has delivered, over all sessions."""

    def __init__(self, *, before: int = 0, after: int = 0) -> None:
        self.before = before
        self.after = after

    def wrap(self, inner: Connection[Message]) -> Connection[Message]:
        return _Breaking(inner, self)


class _Breaking(Faulty):
    def __init__(self, inner: Connection[Message], faults: Faults) -> None:
        super().__init__(inner)
        self._faults = faults

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        if self._faults.before:
            self._faults.before -= 1
            raise UnavailableError("broken before the delivery")
        await super().deliver(outputs)
        if self._faults.after:
            self._faults.after -= 1
            raise UnavailableError("broken after the delivery")


class Gate:
    """Holds up the first delivery until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    def wrap(self, inner: Connection[Message]) -> Connection[Message]:
        return _Gated(inner, self)


class _Gated(Faulty):
    def __init__(self, inner: Connection[Message], gate: Gate) -> None:
        super().__init__(inner)
        self._gate = gate

    async def deliver(self, outputs: Mapping[Partition, Output[Message]]) -> None:
        self._gate.reached.set()
        await self._gate.opened.wait()
        await super().deliver(outputs)
