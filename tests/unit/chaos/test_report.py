from dataclasses import replace

import pytest

from tests.chaos.endured import Endured
from tests.chaos.report import Report
from tests.chaos.result import Result, Total

GOOD = Result("kill -9 ledger", lost=0, doubled=0, recovery=1.25, since_port=None, pause=0.5)
ENDED = Total(acknowledged=1_000, lost=0, doubled=0)
LONG = Endured(10, 10, 0, 10, 2.0, {}, ())


def test_a_whole_campaign_is_told_so_below_its_table() -> None:
    report = Report(7, [GOOD, replace(GOOD, recovery=2.75, pause=1.5)], ENDED, [LONG], ended=True)
    assert report.faults() == []
    head, _, kind, every, verdict = report.said().splitlines()
    assert head.endswith("| longest pause, median / max |")
    assert kind == "| kill -9 ledger | 2 | 0 | 0 | 2.0 s | 2.8 s |  |  | 1.0 s / 1.5 s |"
    assert every.startswith("| **all** | 2 |")
    assert verdict == "whole"
    assert [result["pause"] for result in report.document()["results"]] == [0.5, 1.5]


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (Report(7, [replace(GOOD, lost=1)], ENDED, ended=True), "lost 1"),
        (Report(7, [replace(GOOD, doubled=2)], ENDED, ended=True), "doubled 2"),
        (Report(7, [replace(GOOD, recovery=None)], ENDED, ended=True), "not back"),
        (Report(7, [replace(GOOD, standing=("scoring",))], ENDED, ended=True), "scoring stands still"),
        (Report(7, [replace(GOOD, answered=False)], ENDED, ended=True), "no decision by REST"),
        (Report(7, [replace(GOOD, swollen=("feature",))], ENDED, ended=True), "feature holds too much"),
        (Report(7, [GOOD], ENDED, ended=False), "broke off"),
        (Report(7, ended=False), "broke off"),
        (Report(7, [GOOD], replace(ENDED, lost=1), ended=True), "in the end 1 lost, 0 doubled"),
        (Report(7, [GOOD], replace(ENDED, doubled=1), ended=True), "in the end 0 lost, 1 doubled"),
        (Report(7, endured=[replace(LONG, recorded=9)], ended=True), "9 recorded"),
        (Report(7, endured=[replace(LONG, swollen=("gateway",))], ended=True), "gateway holds too much"),
        (Report(7, endured=[replace(LONG, grown=("ledger",))], ended=True), "ledger grows"),
    ],
)
def test_what_is_wrong_is_told(report: Report, told: str) -> None:
    [found] = report.faults()
    assert told in found
    assert "NOT WHOLE:" in report.said().splitlines()
    assert report.document()["not_whole"] == [found]


def test_a_fault_that_is_never_recovered_from_is_no_time() -> None:
    report = Report(7, [GOOD, replace(GOOD, recovery=None)], ENDED, ended=True)
    assert "| kill -9 ledger | 2 | 0 | 0 | 1.2 s | not back |  |  | 0.5 s / 0.5 s |" in report.said()
