"""What trials are answered, and that real decisions do not notice them."""

import json
import tracemalloc
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from services.contracts.codec import decode, encode
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.contracts.topics import TRIAL_DECISIONS
from services.contracts.trials import TrialAsked, TrialDecided
from services.kit.records import Emit, Message, Partition, Record
from services.scorecard.calibration import Calibration
from services.scoring.models import Models
from services.scoring.trials import MOST_BYTES_IN_A_TURN, MOST_IN_A_TURN, NOBODY_WAITS_AFTER
from tests.models import small_bundle
from tests.unit.scoring.test_handler import NOW, Bench, decision_of, loaded, record, vectors

BAD = {**SMALLEST_APPLICATION, "AMT_CREDIT": -1}


def trial(*applications: dict[str, Any], age: timedelta = timedelta(0)) -> Record:
    asked = TrialAsked(trial_id="t-1", asked_at=NOW - age, applications=applications)
    encoded = encode(asked, event_id="t-1", source="octroi/gateway", request_id="request-1")
    return Record(Partition("loan.trials.v1", 0), 7, 1, *encoded)


def answer_of(result: object) -> TrialDecided:
    assert isinstance(result, Emit)
    (message,) = result.items
    assert isinstance(message, Message)
    assert (message.topic, message.key) == (TRIAL_DECISIONS.name, b"t-1")
    assert dict(message.headers)["ce_requestid"] == b"request-1"
    return decode(TrialDecided, message.value, message.headers)


@pytest.fixture
def bench() -> Bench:
    return Bench(Models(champion=loaded()))


def test_a_trial_is_decided_as_the_application_itself(bench: Bench) -> None:
    applications = [APPLICATION, SMALLEST_APPLICATION]
    real = [
        decision_of(each) for each in bench.handler([record(vector) for vector in vectors(*applications)])
    ]
    told = answer_of(bench.handler([trial(*applications)])[0])
    for one, result in zip(real, told.results, strict=True):
        assert result.decision is not None
        for field, value in result.decision:
            assert getattr(one, field) == value


def test_a_bad_application_is_told_in_its_place(bench: Bench) -> None:
    told = answer_of(bench.handler([trial(APPLICATION, BAD, SMALLEST_APPLICATION)])[0])
    assert [result.decision is None for result in told.results] == [False, True, False]
    errors = told.results[1].errors
    assert errors is not None
    assert [error.field for error in errors] == ["AMT_CREDIT"]
    assert answer_of(bench.handler([trial(BAD)])[0]).results[0].decision is None


def test_trials_and_vectors_of_one_batch_are_answered_in_their_places(bench: Bench) -> None:
    (vector,) = vectors(APPLICATION)
    asked = trial(APPLICATION)
    results = bench.handler([asked, record(vector, name="a"), asked, record(vector, name="b")])
    assert [decision_of(results[place]).application_id for place in (1, 3)] == ["a", "b"]
    assert answer_of(results[0]) == answer_of(results[2])


@pytest.mark.parametrize("value", [b"", b"{", b'{"trial_id": "t-1"}', b"[" * 100_000])
def test_a_trial_that_cannot_be_read_is_passed_over(bench: Bench, value: bytes) -> None:
    broken = trial(APPLICATION)._replace(value=value)
    (vector,) = vectors(APPLICATION)
    results = bench.handler([broken, record(vector), trial(APPLICATION)])
    assert results[0] == Emit()
    assert decision_of(results[1]).application_id == "a"
    assert answer_of(results[2]).results


def test_a_trial_that_crashes_the_model_does_not_hold_up_the_batch(bench: Bench) -> None:
    bundle = small_bundle().model_copy(update={"calibration": Calibration(slope=1e308, intercept=1.7e308)})
    champion = loaded()
    object.__setattr__(champion.model, "bundle", bundle)
    bench.models = Models(champion=champion)
    with np.errstate(over="ignore"):
        assert bench.handler([trial(APPLICATION)]) == [Emit()]


def test_nobody_is_answered_who_does_not_wait_any_more(bench: Bench) -> None:
    assert bench.handler([trial(APPLICATION, age=NOBODY_WAITS_AFTER)]) == [Emit()]


def test_a_turn_answers_trials_up_to_a_limit(bench: Bench) -> None:
    asked = trial(*[APPLICATION] * 200)
    results = bench.handler([asked] * (MOST_IN_A_TURN // 200 + 1))
    assert [result == Emit() for result in results] == [False] * (MOST_IN_A_TURN // 200) + [True]


def test_a_turn_answers_trials_up_to_so_many_bytes(bench: Bench) -> None:
    large = trial({**APPLICATION, "FURTHER": "x" * (TrialAsked.LARGEST - 4000)})
    size = len(large.value or b"")
    assert 2 * size < MOST_BYTES_IN_A_TURN <= 3 * size
    for asked, answered in ((large, True), (large._replace(value=b"[" * size), False)):
        results = bench.handler([asked, asked, asked, trial(APPLICATION)])
        assert [result != Emit() for result in results] == [answered] * 3 + [False]


@pytest.mark.parametrize("bad", [(), (BAD,)], ids=["valid", "one is bad"])
def test_further_fields_of_a_trial_change_nothing(bench: Bench, bad: tuple[dict[str, Any], ...]) -> None:
    applications = [APPLICATION, *bad, SMALLEST_APPLICATION]
    further = [{**each, "x": [{"a": []}], "y": "z"} for each in applications]
    plain, strange = (answer_of(bench.handler([trial(*each)])[0]) for each in (applications, further))
    assert strange == plain
    assert [result.decision is None for result in plain.results] == [each is BAD for each in applications]


def test_what_further_fields_of_a_trial_hold_takes_no_memory(bench: Bench) -> None:
    asked = trial({**APPLICATION, "x": [{"a": []}] * (TrialAsked.LARGEST // 10)})
    bench.handler([trial(APPLICATION)])
    tracemalloc.start()
    try:
        (result,) = bench.handler([asked])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer_of(result).results[0].decision
    assert peak < len(asked.value or b"")


def test_a_trial_of_another_type_is_passed_over(bench: Bench) -> None:
    strange = trial(APPLICATION)._replace(headers=(("ce_type", b"io.octroi.TrialAsked.v2"),))
    assert bench.handler([strange]) == [Emit()]


def test_without_a_champion_vectors_wait_and_trials_do_not(bench: Bench) -> None:
    bench.models = Models()
    (vector,) = vectors(APPLICATION)
    held, passed = bench.handler([record(vector), trial(APPLICATION)])
    assert held != Emit()
    assert passed == Emit()


def test_an_answer_is_json_without_nulls(bench: Bench) -> None:
    [message] = bench.handler([trial(APPLICATION, BAD)])[0].items  # type: ignore[union-attr]
    assert "null" not in json.dumps(json.loads(message.value or b""))
