"""The work on batches: parts are handed in as ordinary applications, never too many at a time."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Final, Protocol

import structlog

from services.gateway.batch import Batches, Sender
from services.gateway.batch_claims import Claim, Claims
from services.gateway.batch_file import Cells
from services.gateway.batch_part import CHANNEL, WHOLE_ROW, RowError, application_id
from services.gateway.batch_settlement import Settlement
from services.gateway.metrics import GatewayMetrics
from services.gateway.resources import BatchResult
from services.gateway.storage import StatementError
from services.kit.errors import UnavailableError
from services.kit.pause import first_of, pause

ACCEPTED: Final = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED})
TIDY_SECONDS: Final = 60.0
log = structlog.stdlib.get_logger("batches")


class SentBefore(Protocol):
    """Tells which applications earlier tries have sent. May raise UnavailableError."""

    async def __call__(self, names: Collection[str], *, first: datetime, last: datetime) -> frozenset[str]:
        """Return those of the names that Kafka has."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast batches are handed in."""

    in_flight: int
    """Most rows that are handed in and not decided: an applicant who comes meanwhile waits behind them."""
    check_every: timedelta
    """Pause between two looks at what was decided, while batches run."""
    look_every: timedelta
    """Pause between two looks for batches, while none runs here."""
    retry_every: timedelta
    """Pause where Kafka or PostgreSQL is away, or a batch cannot be settled."""


class BatchWork:
    """Hands batches in, beside other gateways that do the same."""

    def __init__(
        self, claims: Claims, batches: Batches, sent: SentBefore, metrics: GatewayMetrics, pace: Pace
    ) -> None:
        self._claims = claims
        self._settlement = Settlement(claims, pace.retry_every)
        self._sent = sent
        self._batches = batches
        self._metrics = metrics
        self._pace = pace
        self._came_in = asyncio.Event()
        self._tidy_due = 0.0

    def came_in(self) -> None:
        """Be told that there is a batch: it begins at once."""
        self._came_in.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Take turns until `stop`; after an outage batches go on by themselves."""
        while not stop.is_set():
            try:
                running = await self.turn(stop)
            except UnavailableError as error:
                log.warning("batches_wait", error=str(error))
            except StatementError as error:
                # A fault of ours: who applies by this same process must not wait for its cure.
                log.error("batches_failed", error=str(error))  # noqa: TRY400 - where it was is logged
            else:
                if running:
                    await pause(self._pace.check_every, stop)
                else:
                    # It may come in at another gateway, too.
                    await first_of(stop, self._came_in, within=self._pace.look_every)
                continue
            await pause(self._pace.retry_every, stop)

    async def turn(self, stop: asyncio.Event) -> bool:
        """Settle what is decided, hand in what may be in flight, and tell whether a batch is running."""
        self._came_in.clear()
        if monotonic() > self._tidy_due:
            self._tidy_due = monotonic() + TIDY_SECONDS
            await self._claims.tidy()
        parts = await self._claims.in_flight()
        await self._settlement.settle(parts, stop)
        room = self._pace.in_flight - sum(part.undecided() for part in parts)
        while room > 0 and not stop.is_set() and (handed_in := await self._hand_in_next()):
            room -= handed_in
        running = await self._claims.running()
        self._metrics.batches_running(running)
        return running > 0 or bool(parts)

    async def _hand_in_next(self) -> int:
        """Hand in a part of the batch whose turn it is, and return its rows; 0 where none is to be had."""
        for batch_id in await self._claims.open_batches():
            async with self._claims.claimed(batch_id) as claim:
                if claim is not None:
                    await claim.handed_in(await self._submit(claim))
            if claim is not None:
                self._metrics.rows_handed_in(len(claim.rows))
                return len(claim.rows)
        return 0

    async def _submit(self, claim: Claim) -> list[RowError]:
        """Submit the rows as a batch of any client is, and return what was refused of them.

        Raises UnavailableError where some are to come again: Kafka has not taken them, or they are decided
        and the ledger does not have them yet.
        """
        rows = await self._not_sent(claim)
        lines = [
            {"application_id": name, "channel": CHANNEL, "application": cells}
            for name, (_, cells) in rows.items()
        ]
        sender = Sender(request_key=None, request_id=claim.batch_id, names_rows=True)
        results = await self._batches.submit(lines, sender)
        for result in results:
            if result.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise UnavailableError(f"not all rows of a part are taken: {_said(result)}")
        return [
            _refusal(row, result)
            for (row, _), result in zip(rows.values(), results, strict=True)
            if result.status not in ACCEPTED
        ]

    async def _not_sent(self, claim: Claim) -> dict[str, tuple[int, Cells]]:
        """Return the rows by their applications' ids, without those that an earlier try has sent."""
        rows = {application_id(claim.batch_id, number): (number, cells) for number, cells in claim.rows}
        if claim.tried is None:
            return rows
        first, last = claim.tried
        sent = await self._sent(rows.keys(), first=first, last=last)
        log.info("part_recalled", batch_id=claim.batch_id, part=claim.number, rows=len(rows), sent=len(sent))
        return {name: row for name, row in rows.items() if name not in sent}


def _refusal(row: int, result: BatchResult) -> RowError:
    return RowError(row, 0, WHOLE_ROW, _said(result))


def _said(result: BatchResult) -> str:
    return result.problem.detail if result.problem else f"Was refused with status {result.status}"
