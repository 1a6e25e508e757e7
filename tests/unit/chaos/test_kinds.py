from argparse import Namespace

import pytest

from tests.chaos import kinds
from tests.chaos.disks import size_of_disk
from tests.chaos.faults import SERVICES, Fault, faults_of_programs
from tests.chaos.kinds import disks_for


def options(**given: float) -> Namespace:
    return Namespace(**{"faults": 200, "rate": 100.0, "backlog": 0, "soak": 0.0, "only": "disk", **given})


def test_a_disk_holds_what_a_campaign_brings_at_any_rate() -> None:
    brought = 140_000 * 4.5 / 1000
    assert size_of_disk(200, 100.0) > 1.5 * brought
    assert size_of_disk(200, 1000.0) > 15 * brought


def test_small_disks_are_for_those_alone_whose_disk_is_filled() -> None:
    found = [Fault(f"disk of {name} full", lambda *_: 0.0, 1) for name in ("postgres", "mlflow")]
    assert disks_for(found) == {"postgres"}


@pytest.mark.parametrize("long", [{"backlog": 1}, {"soak": 0.5}])
def test_disks_are_left_as_they_are_where_a_long_run_would_fill_them(
    long: dict[str, float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kinds, "can_fill", lambda _: True)
    assert len(list(kinds.faults_of_disks(options(), 1, None))) == 2
    assert not list(kinds.faults_of_disks(options(**long), 1, None))
    assert "left out: full disks" in capsys.readouterr().out


def test_what_an_application_has_no_need_of_must_be_ready_itself() -> None:
    awaited = {fault.name: fault.program for fault in faults_of_programs()}
    assert awaited["MLflow away for 30 s, monitoring killed"] == "monitoring"
    assert awaited["pause mlflow, 1 to 5 s"] == "mlflow"
    assert awaited["pause gateway, 1 to 5 s"] == "gateway"
    assert awaited["kill -9 ledger"] is None
    assert {f"pause {name}, 1 to 5 s" for name in SERVICES} < awaited.keys()
