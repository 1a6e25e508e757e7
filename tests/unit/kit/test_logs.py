import asyncio
import io
import json
import logging
import subprocess
import sys
from threading import Thread

import pytest
import structlog

from services.kit.logs import Flood, Output, configure_logs, where
from services.kit.settings import ServiceSettings


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def line(number: int, logger: str = "aiokafka.client") -> logging.LogRecord:
    return logging.LogRecord(logger, logging.ERROR, "client.py", number, "no broker", None, None)


def passed(flood: Flood, number: int, times: int, logger: str = "aiokafka.client") -> int:
    return sum(flood.filter(line(number, logger)) for _ in range(times))


def test_each_line_of_the_client_is_said_a_few_times_a_minute() -> None:
    clock = Clock()
    flood = Flood(per_minute=3, clock=clock)
    assert passed(flood, 435, 100) == 3
    assert passed(flood, 325, 2) == 2
    clock.seconds = 59
    assert passed(flood, 435, 100) == 0
    clock.seconds = 60
    assert passed(flood, 435, 100) == 3


def test_what_others_say_is_not_counted() -> None:
    flood = Flood(per_minute=3, clock=Clock())
    assert passed(flood, 1, 100, logger="stream") == 100


def test_an_error_that_was_not_raised_has_no_place() -> None:
    assert where(ValueError("never raised")) == "unknown"


class Chunks(io.StringIO):
    """An output that knows what reached it together."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def flush(self) -> None:
        if told := self.getvalue()[len("".join(self.seen)) :]:
            self.seen.append(told)


def chunks_of_output(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    output = Chunks()
    monkeypatch.setattr(sys, "stdout", output)
    return output.seen


def test_without_an_event_loop_a_line_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = chunks_of_output(monkeypatch)
    log = Output().lines("request")
    log.info("one")
    log.info("two")
    assert chunks == ["one\n", "two\n"]


async def test_lines_of_a_pass_of_the_event_loop_are_written_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chunks = chunks_of_output(monkeypatch)
    output = Output()
    output.lines("request").info("one")
    output.lines("stream").info("two")
    assert not chunks
    await asyncio.sleep(0)
    output.lines("request").info("three")
    await asyncio.sleep(0)
    assert chunks == ["one\ntwo\n", "three\n"]


async def test_a_warning_is_written_at_once_after_what_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chunks = chunks_of_output(monkeypatch)
    log = Output().lines("request")
    log.info("one")
    log.warning("two")
    assert chunks == ["one\ntwo\n"]
    await asyncio.sleep(0)
    assert chunks == ["one\ntwo\n"]


async def test_a_thread_beside_the_event_loop_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = chunks_of_output(monkeypatch)
    log = Output().lines("stream")
    log.info("of the loop")
    for tell in (log.info, log.warning):
        thread = Thread(target=tell, args=["of the thread"])
        thread.start()
        thread.join()
    assert chunks == ["of the thread\n", "of the thread\n"]
    await asyncio.sleep(0)
    assert chunks[2:] == ["of the loop\n"]


def test_what_waits_when_a_process_ends_is_written() -> None:
    script = """
import asyncio, structlog
from services.kit.logs import configure_logs
from services.kit.settings import ServiceSettings

async def main():
    structlog.stdlib.get_logger("process").info("stopped")

configure_logs("feature", ServiceSettings(log_format="json"))
asyncio.run(main())
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(told)["event"] == "stopped"


class Unread(io.StringIO):
    def flush(self) -> None:
        raise BrokenPipeError


def closed() -> io.StringIO:
    output = io.StringIO()
    output.close()
    return output


@pytest.mark.parametrize("output", [Unread(), closed()], ids=["nobody reads it", "closed"])
def test_work_goes_on_where_lines_cannot_be_written(
    output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", output)
    log = Output().lines("request")
    log.info("a line")
    log.error("a line")


def test_where_the_output_takes_ascii_alone_lines_have_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    log = logging.getLogger("psycopg")
    before = logging.getLogger().handlers[:]
    configure_logs("feature", ServiceSettings(log_format="console"))
    try:
        log.error("café")
        Output().lines("request").info("café")
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    assert written.getvalue().count(b"caf\\xe9") == 2
