"""A training is requested once, run in a process of its own, and told of."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import pytest

from services.kit.database import Database
from services.kit.registered_model import CANDIDATE_REFUSED
from services.monitoring.retraining import Retraining
from tests.integration.kit.waiting import until

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def trained(retraining: Retraining, state: str) -> dict[str, object]:
    """Run until the training is in a state, stop, and return it as it is then."""
    stop = asyncio.Event()
    running = asyncio.create_task(retraining.run(stop))

    async def is_there() -> bool:
        return any(training["state"] == state for training in await retraining.listed())

    await until(is_there)
    stop.set()
    await running
    return (await retraining.listed())[0]


@pytest.mark.parametrize(
    ("code", "state"), [(0, "done"), (CANDIDATE_REFUSED, "done"), (1, "failed"), (2, "failed")]
)
async def test_a_training_tells_how_it_ended(database: Database, code: int, state: str) -> None:
    retraining = Retraining(database, python(f"print('refused by the gate'); raise SystemExit({code})"), DAY)
    await retraining.request("alert-1", NOW)
    found = await trained(retraining, state)
    assert found["training_id"] == "alert-1"
    assert found["exit_code"] == code
    assert "refused by the gate" in str(found["said"])


async def test_further_alerts_request_no_other_training_for_a_while(database: Database) -> None:
    retraining = Retraining(database, python(""), DAY)
    for number, hours in enumerate((0, 1, 23, 25)):
        await retraining.request(f"alert-{number}", NOW + timedelta(hours=hours))
    assert [training["training_id"] for training in await retraining.listed()] == ["alert-3", "alert-0"]


async def test_without_a_command_nothing_is_requested(database: Database) -> None:
    retraining = Retraining(database, (), DAY)
    await retraining.request("alert-1", NOW)
    assert await retraining.listed() == []


async def test_a_training_ends_with_the_service_and_is_told_as_failed(database: Database) -> None:
    waiting = python("import signal; print('ready', flush=True); signal.pause()")
    retraining = Retraining(database, waiting, DAY)
    await retraining.request("alert-1", NOW)
    ended = await trained(retraining, "running")
    assert ended["state"] == "failed"
    assert ended["exit_code"] == -15


async def test_a_training_that_does_not_end_is_killed(database: Database) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    retraining = Retraining(database, python(deaf), DAY, patience=timedelta(milliseconds=200))
    await retraining.request("alert-1", NOW)
    ended = await trained(retraining, "running")
    assert ended["state"] == "failed"
    # SIGTERM is what ends it where it has not come so far as to be deaf.
    assert ended["exit_code"] in {-9, -15}


async def test_two_instances_train_once(database: Database) -> None:
    first, second = (Retraining(database, python("print('once')"), DAY) for _ in range(2))
    await first.request("alert-1", NOW)
    ended = await asyncio.gather(trained(first, "done"), trained(second, "done"))
    assert [training["started_at"] for training in ended] == [ended[0]["started_at"]] * 2


async def test_without_a_command_the_service_goes_on(database: Database) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Retraining(database, (), DAY).run(stop))
    await asyncio.wait((running,), timeout=0.2)
    assert not running.done()
    stop.set()
    await running
