import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from infra.local.postgres import Postgres
from services.kit.errors import UnavailableError
from services.kit.records import Emit
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler, Row
from tests.engine import free_port
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.migrating import migrate
from tests.integration.ledger.reading import LedgerReader
from tests.parts import part_folder
from tests.unit.ledger.records import application_record, decision_record, submitted

pytestmark = pytest.mark.postgres


class Server:
    """A PostgreSQL of the test's own, to be killed."""

    def __init__(self, folder: Path) -> None:
        self._postgres = Postgres(folder, free_port())
        self._postgres.prepare()
        self._process = self._run()

    @property
    def url(self) -> str:
        return self._postgres.url("octroi")

    def _run(self) -> subprocess.Popen[bytes]:
        program = self._postgres.program()
        return subprocess.Popen(
            program.command,
            cwd=program.folder,
            user=program.user,
            group=program.user,
            extra_groups=None if program.user is None else (),
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while not self._postgres.is_ready():
            assert time.monotonic() < deadline, "PostgreSQL does not come up"
            # After a kill it refuses to start until the last of its former processes is gone.
            if self._process.poll() is not None:
                self._process = self._run()

    def end_with_its_sessions(self, number: int) -> None:
        """Send it and them a signal: of a killed server a session may live on and answer once more."""
        sessions = LedgerReader(self.url).rows("SELECT pid FROM pg_stat_activity")
        self.stop(number)
        for session in sessions:
            with suppress(ProcessLookupError):
                os.kill(session["pid"], number)

    def stop(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    with part_folder() as folder:
        server = Server(folder / "postgres")
        try:
            server.wait_until_ready()
            assert migrate(server.url, "upgrade", "head").returncode == 0
            yield server
        finally:
            server.stop(signal.SIGQUIT)


def rows(number: int) -> list[Row]:
    names = [f"web-{number:03}-{n:03}" for n in range(50)]
    applications = [application_record(submitted(name), number * 50 + n) for n, name in enumerate(names)]
    decisions = [decision_record(name, number * 50 + n) for n, name in enumerate(names)]
    results = LedgerHandler()([*applications, *decisions])
    return [row for result in results if isinstance(result, Emit) for row in result.items]


async def write_as_the_stage_does(book: Book, batch: list[Row], server: Server) -> int:
    """Write until it is taken and return how often it was not."""
    for failures in range(100):
        try:
            await book.write(batch)
        except UnavailableError:
            server.wait_until_ready()
        else:
            return failures
    pytest.fail("the batch was never taken")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "restart"])
async def test_nothing_is_lost_or_doubled_when_postgres_goes_and_comes_back(
    server: Server, number: int
) -> None:
    failures = 0
    async with open_book(server.url) as book:
        for batch in range(40):
            if batch in {10, 11, 30}:
                server.end_with_its_sessions(number)
            failures += await write_as_the_stage_does(book, rows(batch), server)
    ledger = LedgerReader(server.url)
    counts = [ledger.count(table) for table in ("applications", "decisions", "undecided", "conflicts")]
    assert counts == [2000, 2000, 0, 0]
    assert failures >= 3
