from datetime import UTC, datetime

import pytest

from services.kit.dead_letters import DeadLetterOffice
from services.kit.errors import FatalError
from services.kit.outputs import Held, Settled, settle
from services.kit.records import Emit, Hold, Message, Partition, Record, Reject

OFFICE = DeadLetterOffice("dead", "scoring", lambda: datetime(2026, 1, 1, tzinfo=UTC))
FIRST, SECOND = Partition("features", 0), Partition("features", 1)


def batch(partition: Partition, *offsets: int) -> list[Record]:
    return [Record(partition, offset, 0, None, None) for offset in offsets]


def item(name: str) -> Emit[str]:
    return Emit((name,))


def test_results_are_parted_by_partition_in_order() -> None:
    batches = {FIRST: batch(FIRST, 5, 6), SECOND: batch(SECOND, 90)}
    settled = settle(batches, [item("a"), Emit(("b", "c")), item("d")], OFFICE)
    assert settled.held == {}
    first, second = settled.outputs[FIRST], settled.outputs[SECOND]
    assert [(origin.offset, name) for origin, name in first.items] == [(5, "a"), (6, "b"), (6, "c")]
    assert (first.dead, first.records, first.next_offset) == ((), 2, 7)
    assert [name for _, name in second.items] == ["d"]
    assert second.next_offset == 91
    assert settled.refused == [False, False, False]


def test_a_gap_in_the_offsets_does_no_harm() -> None:
    settled = settle({FIRST: batch(FIRST, 5, 8, 13)}, [item("a"), item("b"), item("c")], OFFICE)
    assert settled.outputs[FIRST].next_offset == 14


def test_a_record_that_gives_nothing_is_done_with() -> None:
    settled: Settled[str] = settle({FIRST: batch(FIRST, 5)}, [Emit()], OFFICE)
    assert settled.outputs[FIRST].items == ()
    assert (settled.outputs[FIRST].records, settled.outputs[FIRST].next_offset) == (1, 6)


def test_a_refused_record_becomes_a_letter_with_its_origin() -> None:
    results: list[Emit[str] | Reject] = [Reject("is wrong"), item("b")]
    settled: Settled[str] = settle({FIRST: batch(FIRST, 5, 6)}, results, OFFICE)
    ((origin, letter),) = settled.outputs[FIRST].dead
    assert origin.offset == 5
    assert isinstance(letter, Message)
    assert ("octroi_error", b"is wrong") in letter.headers
    assert settled.refused == [True, False]


def test_what_follows_a_held_record_waits_with_it() -> None:
    batches = {FIRST: batch(FIRST, 5, 6, 7), SECOND: batch(SECOND, 90)}
    results: list[Emit[str] | Hold] = [item("a"), Hold("feature AGE is missing"), item("c"), item("d")]
    settled: Settled[str] = settle(batches, results, OFFICE)
    assert settled.held == {FIRST: Held(6, "feature AGE is missing")}
    assert settled.outputs[FIRST].next_offset == 6
    assert [name for _, name in settled.outputs[FIRST].items] == ["a"]
    assert [name for _, name in settled.outputs[SECOND].items] == ["d"]
    assert settled.handled() == 2


def test_where_the_first_record_is_held_nothing_is_delivered() -> None:
    settled: Settled[str] = settle({FIRST: batch(FIRST, 5, 6)}, [Hold("later"), Reject("never")], OFFICE)
    assert settled.outputs == {}
    assert settled.held[FIRST].offset == 5


@pytest.mark.parametrize("results", [[], [item("a")], [item("a")] * 3])
def test_there_is_one_result_for_each_record(results: list[Emit[str]]) -> None:
    with pytest.raises(FatalError, match=f"gave {len(results)} results for 2 records"):
        settle({FIRST: batch(FIRST, 5, 6)}, results, OFFICE)
