"""Faults that come with what is handed in, or with a release that cannot handle it."""

import os
import random
import subprocess
from time import monotonic, sleep

import httpx
from confluent_kafka import Message, Producer

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.kit.errors import TooManyDeadLettersError
from tests.chaos.faults import ready
from tests.e2e.following import Outsider, headers_of
from tests.engine import RunningEngine
from tests.parts import until

FLOOD_SECONDS = 5.0
FLOOD_RATE = 100
"""As many as the load brings good ones: half of all is bad."""
BOMBS = 10
BOMB = bytes(40_000_000)
"""Forty megabytes that come as two kilobytes."""
ALLOWED = 50
"""Dead letters after which the bad release must stop."""


def poison_flood(engine: RunningEngine, chance: random.Random) -> float:
    """Mix as many unreadable records into the load as it has good ones; each must become a dead letter."""
    name = f"poison-{chance.randrange(10**9)}"
    producer = Producer({"bootstrap.servers": engine.bootstrap, "log_level": 0})
    sent = int(FLOOD_SECONDS * FLOOD_RATE)
    for number in range(sent):
        producer.produce(APPLICATIONS.name, chance.randbytes(200), key=f"{name}-{number}")
        producer.poll(0)
        sleep(1 / FLOOD_RATE)
    assert producer.flush(60) == 0

    def all_there() -> bool:
        return len(_letters(engine, name)) >= sent

    until(all_there, "a dead letter for each record that cannot be read")
    assert len(_letters(engine, name)) == sent, "a record became a dead letter twice"
    return monotonic()


def bombs(engine: RunningEngine, _: random.Random) -> float:
    """Send batches that unpack to more than anybody reads; each must become one dead letter."""
    settings = {"bootstrap.servers": engine.bootstrap, "log_level": 0}
    producer = Producer({**settings, "compression.type": "zstd", "message.max.bytes": 2 * len(BOMB)})
    before = len(_unpacked_never(engine))
    for _bomb in range(BOMBS):
        producer.produce(APPLICATIONS.name, BOMB)
        assert producer.flush(60) == 0
    until(lambda: len(_unpacked_never(engine)) >= before + BOMBS, "a dead letter for each bomb")
    assert len(_unpacked_never(engine)) == before + BOMBS, "a bomb became a dead letter twice"
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


def _unpacked_never(engine: RunningEngine) -> list[Message]:
    return [
        letter
        for letter in Outsider(engine).all_of(DEAD_LETTERS.name)
        if "do not unpack" in headers_of(letter)["octroi_error"]
    ]


def _letters(engine: RunningEngine, name: str) -> list[dict[str, str]]:
    return [
        headers_of(letter)
        for letter in Outsider(engine).all_of(DEAD_LETTERS.name)
        if (letter.key() or b"").startswith(name.encode())
    ]
