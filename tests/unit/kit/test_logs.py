import logging

from services.kit.logs import Flood, where


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
