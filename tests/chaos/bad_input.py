"""Faults that come with what is handed in, or with a release that cannot handle it."""

import os
import random
import subprocess
from collections.abc import Callable, Sequence
from time import monotonic, sleep

import httpx
from confluent_kafka import Message, Producer

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.kit.errors import TooManyDeadLettersError
from tests.chaos.programs import ready
from tests.e2e.following import Outsider, headers_of
from tests.engine import RunningEngine
from tests.parts import until

FLOOD_SECONDS = 5.0
BOMBS = 10
BOMB = bytes(40_000_000)
"""Forty megabytes that come as two kilobytes."""
ALLOWED = 50
"""Dead letters after which the bad release must stop."""
LATE_SECONDS = 3.0


def poison_flood(rate: float, engine: RunningEngine, chance: random.Random) -> float:
    """Mix as many unreadable records into the load as it has good ones; each must become a dead letter."""
    run = chance.randrange(10**9)
    keys = [f"poison-{run}-{number:03}" for number in range(int(FLOOD_SECONDS * rate))]
    producer = Producer({"bootstrap.servers": engine.bootstrap, "log_level": 0})
    begun = monotonic()
    for number, key in enumerate(keys):
        # By the clock: a sleep lasts longer than it is asked for.
        sleep(max(0.0, begun + number / rate - monotonic()))
        producer.produce(APPLICATIONS.name, chance.randbytes(200), key=key)
        producer.poll(0)
    assert producer.flush(60) == 0
    _expect_letters(keys, lambda: _keys_of_letters(engine, f"poison-{run}-"))
    return monotonic()


def bombs(engine: RunningEngine, _: random.Random) -> float:
    """Send batches that unpack to more than anybody reads; each must become one dead letter."""
    settings = {"bootstrap.servers": engine.bootstrap, "log_level": 0}
    producer = Producer({**settings, "compression.type": "zstd", "message.max.bytes": 2 * len(BOMB)})
    places: list[str] = []

    def sent(error: object, record: Message) -> None:
        assert error is None, error
        places.append(f"{record.partition()}:{record.offset()}")

    for _bomb in range(BOMBS):
        producer.produce(APPLICATIONS.name, BOMB, on_delivery=sent)
        assert producer.flush(60) == 0
    _expect_letters(places, lambda: [place for place in _places_of_letters(engine) if place in places])
    return monotonic()


def bad_release(engine: RunningEngine, _: random.Random) -> float:
    """Put a feature service into use that raises on every record, and mend it as an operator does.

    It must stop by itself; what it refused by then is sent again once the good release runs.
    """
    before = {(letter.partition(), letter.offset()) for letter in Outsider(engine).all_of(DEAD_LETTERS.name)}
    engine.engine.supervisor.stop("feature")
    finished = subprocess.run(
        engine.command("tests.chaos.bad_release"),
        env={**os.environ, **engine.environment, "OCTROI_STREAM_DEAD_LETTERS_ALLOWED": str(ALLOWED)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == TooManyDeadLettersError.exit_code, finished.stdout
    engine.engine.supervisor.begin("feature")
    ready(engine, "feature")
    with httpx.Client(base_url=engine.monitoring, headers={"X-API-Key": engine.api_key}) as operator:
        for letter in Outsider(engine).all_of(DEAD_LETTERS.name):
            place = (letter.partition(), letter.offset())
            if place not in before:
                path = f"/v1/dead-letters/{DEAD_LETTERS.name}/{place[0]}/{place[1]}/replay"
                operator.post(path).raise_for_status()
    return monotonic()


def _expect_letters(sent: Sequence[str], found: Callable[[], Sequence[str]]) -> None:
    """Return once there is a dead letter for each that was sent. Raises AssertionError for a second one."""
    until(lambda: {*sent} <= {*found()}, "a dead letter for each record that cannot be read")
    # A second one could come a little later, and only waiting shows that it does not.
    sleep(LATE_SECONDS)
    assert sorted(found()) == sorted(sent), "a record became a dead letter twice"


def _places_of_letters(engine: RunningEngine) -> list[str]:
    """Return where those stood that do not unpack, as partition:offset."""
    headers = map(headers_of, Outsider(engine).all_of(DEAD_LETTERS.name))
    return [
        f"{each['octroi_origin_partition']}:{each['octroi_origin_offset']}"
        for each in headers
        if "do not unpack" in each["octroi_error"]
    ]


def _keys_of_letters(engine: RunningEngine, prefix: str) -> list[str]:
    keys = [
        (letter.key() or b"").decode(errors="replace")
        for letter in Outsider(engine).all_of(DEAD_LETTERS.name)
    ]
    return [key for key in keys if key.startswith(prefix)]
