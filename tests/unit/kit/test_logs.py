import io
import logging
import sys

import pytest
import structlog

from services.kit.logs import Flood, Lines, configure_logs, where
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


def test_a_line_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    Lines("request").info("a line")
    assert written.getvalue() == b"a line\n"


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
    Lines("request").info("a line")


def test_where_the_output_takes_ascii_alone_lines_have_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    log = logging.getLogger("sqlalchemy")
    before = logging.getLogger().handlers[:]
    configure_logs("feature", ServiceSettings(log_format="console"))
    try:
        log.error("café")
        Lines("request").info("café")
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    assert written.getvalue().count(b"caf\\xe9") == 2
