"""A replay: send, follow the decisions, and count until all are there or none comes any more."""

import asyncio
from collections.abc import Iterable
from time import monotonic

from services.contracts.codec import decode
from services.contracts.events import ApplicationDecided
from services.contracts.topics import DECISIONS
from services.kit.follower import Follower
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Record
from services.kit.stream_settings import StreamSettings
from services.replay.display import Show
from services.replay.sending import patient_producer, send_all
from services.replay.tally import Summary, Tally
from services.scorecard.table import Cells

LOOK_EVERY = 0.05
"""Seconds between two looks at the tally."""


class Session:
    """One replay under a name of its own, by which its decisions are told from others'."""

    def __init__(self, run: str, kafka: KafkaSettings, stream: StreamSettings, *, patience: float) -> None:
        self._run = run
        self._kafka = kafka
        self._stream = stream
        self._patience = patience
        self._tally = Tally()

    async def replay(self, rows: Iterable[Cells], *, rate: float | None, show: Show) -> Summary:
        """Send `rows` and return the figures when all are decided, or when none has been for `patience` s.

        Raises KafkaError when Kafka does not take an application, TimeoutError when it is away.
        """
        stop, reading = asyncio.Event(), asyncio.Event()
        follower = Follower(
            DECISIONS.name, self._take, self._kafka, self._stream, start="latest", reading=reading
        )
        following = asyncio.create_task(follower.run(stop))
        try:
            await self._stand(following, reading)
            begun = monotonic()
            sending = asyncio.create_task(self._send(rows, rate))
            await self._watch(sending, show)
            if not sending.cancelled():
                await sending
            return self._tally.summary(monotonic() - begun)
        finally:
            stop.set()
            await following

    async def _stand(self, following: asyncio.Task[None], reading: asyncio.Event) -> None:
        """Return when decisions are read. Raises TimeoutError, or what the follower ended with."""
        waiting = asyncio.create_task(reading.wait())
        ends = (waiting, following)
        await asyncio.wait(ends, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if following.done():
            await following
        if not reading.is_set():
            raise TimeoutError

    def _take(self, record: Record) -> None:
        if record.key is not None and record.key.startswith(f"{self._run}.".encode()):
            self._tally.decided(decode(ApplicationDecided, record.value, record.headers))

    async def _send(self, rows: Iterable[Cells], rate: float | None) -> None:
        async with patient_producer(self._kafka, self._stream, self._patience) as sender:
            await send_all(sender, rows, self._run, rate=rate, on_sent=self._tally.sent.update)

    async def _watch(self, sending: asyncio.Task[None], show: Show) -> None:
        """Return when all that was sent is decided, nothing was for too long, or the rest cannot be sent."""
        decided, since = 0, monotonic()
        while not sending.done() or (self._tally.missing and not _has_failed(sending)):
            await asyncio.sleep(LOOK_EVERY)
            if len(self._tally.decisions) > decided:
                decided, since = len(self._tally.decisions), monotonic()
                show(decided)
            if monotonic() - since > self._patience:
                sending.cancel()
                await asyncio.wait((sending,))
                return


def _has_failed(work: asyncio.Task[None]) -> bool:
    return work.done() and not work.cancelled() and work.exception() is not None
