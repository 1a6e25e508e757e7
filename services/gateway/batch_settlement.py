"""Parts of which every row is done with: each batch is settled by itself, so that none holds up another."""

from asyncio import Event
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from time import monotonic

import structlog

from services.gateway.batch_claims import Claims, InFlight
from services.gateway.storage import StatementError
from services.kit.errors import UnavailableError

log = structlog.stdlib.get_logger("batches")


class Settlement:
    """Settles parts that are done with; a batch that cannot be settled waits and is tried again."""

    def __init__(self, claims: Claims, retry_every: timedelta) -> None:
        self._claims = claims
        self._retry_every = retry_every
        self._held_up: dict[str, float] = {}

    async def settle(self, parts: Sequence[InFlight], stop: Event) -> None:
        """Settle those of the parts that are done with, until `stop`. What fails is logged, never raised."""
        now = monotonic()
        self._held_up = {batch_id: until for batch_id, until in self._held_up.items() if until > now}
        done = sorted((part for part in parts if not part.undecided()), key=_batch_id)
        for batch_id, group in groupby(done, key=_batch_id):
            if not stop.is_set() and batch_id not in self._held_up:
                await self._settle(batch_id, list(group))

    async def _settle(self, batch_id: str, parts: Sequence[InFlight]) -> None:
        try:
            await self._claims.settle(batch_id, parts)
        except (UnavailableError, StatementError) as error:
            self._held_up[batch_id] = monotonic() + self._retry_every.total_seconds()
            log.warning("batch_not_settled", batch_id=batch_id, error=str(error))


def _batch_id(part: InFlight) -> str:
    return part.batch_id
