"""Asks for a training when drift holds: another process trains, and the gate decides what becomes of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from services.kit.database import Connection, Database, Row, rows_of
from services.kit.errors import UnavailableError
from services.kit.pause import pause
from services.kit.registered_model import CANDIDATE_REFUSED
from services.monitoring.storage import storage_errors

TRAINER: Final = 0x0C7202
"""Number of the advisory lock: who holds it trains, so that of all instances one does at a time."""
LOOK_EVERY: Final = timedelta(seconds=2)
MOST_SAID: Final = 2000
"""Last characters of what the training said that are kept."""
NICENESS: Final = "15"
PATIENCE: Final = timedelta(seconds=5)
"""From SIGTERM until a training is killed: a fit cannot be broken off, and the service, which waits for the
end, has ten seconds for its own by default."""
_REQUEST = (
    "INSERT INTO monitoring.trainings (training_id, requested_at, state) "
    "SELECT %(training_id)s, %(now)s, 'requested' WHERE NOT EXISTS "
    "(SELECT FROM monitoring.trainings WHERE requested_at > %(since)s) ON CONFLICT DO NOTHING"
)
_ABANDONED = (
    "UPDATE monitoring.trainings SET state = 'failed', finished_at = %(now)s, said = 'its instance ended' "
    "WHERE state = 'running'"
)
_TAKE = (
    "UPDATE monitoring.trainings SET state = 'running', started_at = %(now)s WHERE training_id = "
    "(SELECT training_id FROM monitoring.trainings WHERE state = 'requested' ORDER BY requested_at LIMIT 1) "
    "RETURNING training_id"
)
_FINISH = (
    "UPDATE monitoring.trainings "
    "SET state = %(state)s, finished_at = %(now)s, exit_code = %(code)s, said = %(said)s "
    "WHERE training_id = %(training_id)s"
)
_LOCK = "SELECT pg_try_advisory_lock(%(number)s) AS locked"
_UNLOCK = "SELECT pg_advisory_unlock(%(number)s)"
_LISTED = "SELECT * FROM monitoring.trainings ORDER BY requested_at DESC LIMIT 50"
log = structlog.stdlib.get_logger("retraining")


class Retraining:
    """Requests trainings and runs them by `command`; without one, none is requested."""

    def __init__(
        self,
        database: Database,
        command: Sequence[str],
        every: timedelta,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._database = database
        self._command = tuple(command)
        self._every = every
        self._patience = patience

    async def request(self, alert_id: str, now: datetime) -> None:
        """Request a training for an alert, unless one was requested a short while ago."""
        if not self._command:
            return
        asked = {"training_id": alert_id, "now": now, "since": now - self._every}
        with storage_errors():
            async with self._database.transaction() as connection:
                await connection.execute(_REQUEST, asked)

    async def listed(self) -> Sequence[Row]:
        """Return the latest trainings, the newest first."""
        with storage_errors():
            async with self._database.connection() as connection:
                return await rows_of(connection, _LISTED, {})

    async def run(self, stop: asyncio.Event) -> None:
        """Run what is requested until `stop`. Raises FatalError."""
        if not self._command:
            # A task that ends would end the service.
            await stop.wait()
        while not stop.is_set():
            try:
                with storage_errors():
                    async with self._database.connection() as connection:
                        await self._turn(connection, stop)
            except UnavailableError as error:
                log.warning("training_waits", error=str(error))
            await pause(LOOK_EVERY, stop)

    async def _turn(self, connection: Connection, stop: asyncio.Event) -> None:
        [lock] = await rows_of(connection, _LOCK, {"number": TRAINER})
        if not lock["locked"]:
            return
        await connection.execute(_ABANDONED, {"now": datetime.now(UTC)})
        for taken in await rows_of(connection, _TAKE, {"now": datetime.now(UTC)}):
            await self._train(connection, taken["training_id"], stop)
        # After an error this is not needed: the connection is closed, and the lock ends with it.
        await connection.execute(_UNLOCK, {"number": TRAINER})

    async def _train(self, connection: Connection, training_id: str, stop: asyncio.Event) -> None:
        log.info("training_begins", training_id=training_id)
        code, said = await _ended(self._command, stop, self._patience)
        state = "done" if code in {0, CANDIDATE_REFUSED} else "failed"
        told = {"training_id": training_id, "state": state, "code": code, "said": said}
        await connection.execute(_FINISH, {**told, "now": datetime.now(UTC)})
        log.info("training_ended", training_id=training_id, state=state, exit_code=code)


async def _ended(command: Sequence[str], stop: asyncio.Event, patience: timedelta) -> tuple[int | None, str]:
    """Run a training to its end, or to `stop` and its patience; return its exit code and its last words."""
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", NICENESS, *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    talking, stopping = asyncio.create_task(process.communicate()), asyncio.create_task(stop.wait())
    await asyncio.wait((talking, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not talking.done():
        # Training ends its runs at SIGTERM, and what it has compared is not lost.
        process.terminate()
        await asyncio.wait((talking,), timeout=patience.total_seconds())
    if not talking.done():
        process.kill()
    said, _ = await talking
    stopping.cancel()
    return process.returncode, said.decode(errors="replace")[-MOST_SAID:].replace("\0", "")
