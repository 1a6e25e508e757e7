"""How a process ends, seen from its supervisor."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
DEADLINE_SECONDS = 60


@contextmanager
def living(life: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        (sys.executable, "-m", "tests.unit.kit.lives", life),
        env={**os.environ, "OCTROI_LOG_FORMAT": "json", **environment},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            # One that does not end by itself would be waited for.
            process.kill()


def end(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code and what was logged."""
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode, [json.loads(line) for line in output.splitlines()]


def events(logged: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in logged]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_finish_and_end_well(number: signal.Signals) -> None:
    with living("until_stopped") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "begun"
        process.send_signal(number)
        code, logged = end(process)
    assert (code, events(logged)) == (0, ["finished_what_was_in_flight", "stopped"])


def test_who_does_not_stop_in_time_is_ended_badly() -> None:
    with living("deaf") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "begun"
        process.send_signal(signal.SIGTERM)
        code, logged = end(process)
    assert (code, events(logged)) == (1, ["not_stopped_in_time"])
    assert logged[0]["grace_seconds"] == 0.2


@pytest.mark.parametrize(
    ("life", "expected", "last"),
    [
        ("short", 0, "stopped"),
        ("forbidden", 1, "fatal"),
        ("bad_release", 3, "fatal"),
        ("crash", 1, "crashed"),
        ("cut_off", 1, "crashed"),
    ],
)
def test_the_exit_code_tells_the_supervisor_what_to_do(life: str, expected: int, last: str) -> None:
    with living(life) as process:
        code, logged = end(process)
    assert (code, events(logged)[-1]) == (expected, last)


def test_a_crash_is_told_by_its_place_and_not_its_words() -> None:
    with living("crash") as process:
        _, logged = end(process)
    assert logged[-1]["error"] == "RuntimeError"
    assert "lives.py:" in logged[-1]["where"]
    assert "no memory" not in str(logged)


def test_when_one_part_fails_the_others_finish_first() -> None:
    with living("bad_release") as process:
        _, logged = end(process)
    assert events(logged) == ["begun", "finished_what_was_in_flight", "fatal"]
    assert logged[-1]["error"] == "501 of the last 1000 records were refused"


def test_logs_are_one_json_object_for_each_event() -> None:
    with living("talk", OCTROI_INSTANCE="2") as process:
        _, logged = end(process)
    held = logged[0]
    assert held.pop("timestamp").endswith("Z")
    assert held == {
        "event": "partition_held",
        "offset": 5,
        "reason": "feature AGE is missing",
        "request_id": "r-17",
        "service": "feature",
        "instance": "2",
        "logger": "life",
        "level": "warning",
    }
    assert "ValueError" in logged[1]["exception"]


def test_the_clients_chatter_is_left_out_and_its_floods_are_cut() -> None:
    with living("talk") as process:
        _, logged = end(process)
    assert "chatter" not in events(logged)
    assert sum(event.startswith("no broker") for event in events(logged)) == 20
    assert "pool is empty" in events(logged)


def test_a_person_reads_lines() -> None:
    with living("talk", OCTROI_LOG_FORMAT="console") as process:
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert "partition_held" in output
    assert "reason='feature AGE is missing'" in output
    assert not output.startswith("{")


def test_garbage_that_refers_to_itself_is_let_go_again_and_again() -> None:
    with living("littering") as process:
        code, logged = end(process)
    assert (code, events(logged)) == (0, ["tidied_up", "tidied_up", "stopped"])
