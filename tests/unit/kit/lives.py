"""Lives of a process, to be led in one: `python -m tests.unit.kit.lives NAME`."""

import asyncio
import logging
import sys
import weakref
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.kit.errors import FatalError, TooManyDeadLettersError
from services.kit.lifecycle import run_service, together
from services.kit.logs import configure_logs
from services.kit.settings import ServiceSettings

log = structlog.stdlib.get_logger("life")


async def until_stopped(stop: asyncio.Event) -> None:
    log.info("begun")
    await stop.wait()
    log.info("finished_what_was_in_flight")


async def deaf(_: asyncio.Event) -> None:
    log.info("begun")
    await asyncio.Event().wait()


async def short(_: asyncio.Event) -> None:
    log.info("begun")


class Litter:
    """Refers to itself, so that nobody lets it go."""

    def __init__(self) -> None:
        self.itself = self


async def littering(_: asyncio.Event) -> None:
    for _look in range(2):
        gone = asyncio.Event()
        weakref.finalize(Litter(), gone.set)
        await gone.wait()
        log.info("tidied_up")


async def forbidden(_: asyncio.Event) -> None:
    raise FatalError("Kafka forbids it, grant the right and start again")


async def bad_release(stop: asyncio.Event) -> None:
    async def refuse() -> None:
        raise TooManyDeadLettersError("501 of the last 1000 records were refused")

    await together(stop, probes=until_stopped(stop), stage=refuse())


async def crash(stop: asyncio.Event) -> None:
    async def fail() -> None:
        raise RuntimeError("no memory")

    await together(stop, probes=until_stopped(stop), stage=fail())


async def cut_off(stop: asyncio.Event) -> None:
    async def wait_in_vain() -> None:
        given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        given_up.cancel()
        await given_up

    await together(stop, probes=until_stopped(stop), stage=wait_in_vain())


async def talk(_: asyncio.Event) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-17")
    log.warning("partition_held", offset=5, reason="feature AGE is missing")
    try:
        int("many")
    except ValueError:
        log.exception("not_a_number")
    logging.getLogger("aiokafka.client").info("chatter")
    for number in range(50):
        logging.getLogger("aiokafka.client").error("no broker, attempt %d", number)
    logging.getLogger("psycopg").error("pool is empty")


LIVES: dict[str, Callable[[asyncio.Event], Awaitable[None]]] = {
    life.__name__: life
    for life in (until_stopped, deaf, short, littering, forbidden, bad_release, crash, cut_off, talk)
}


def main() -> int:
    life = LIVES[sys.argv[1]]

    async def lead(stop: asyncio.Event) -> None:
        await life(stop)

    configure_logs("feature", ServiceSettings())
    return run_service(lead, grace=timedelta(milliseconds=200), collect_every=timedelta(milliseconds=20))


if __name__ == "__main__":
    sys.exit(main())
