from collections.abc import Iterator

from tests.benchmarks.contest import NOTHING, RAW, Case, Contestant, Measured, chosen, measure, turns
from tests.benchmarks.results import Figure


def contestant(name: str, values: Iterator[float], lacks: str = "") -> Contestant:
    def measured() -> Iterator[Measured]:
        yield Measured("rate", "rows/s", next(values), "16 connections")

    return Contestant(name, RAW, measured, lacks)


def test_contestants_take_turns() -> None:
    case = Case(
        "race", (contestant("a", iter([])), contestant("b", iter([])), contestant("c", iter([]), "no c"))
    )
    order = [(run, turn.name) for run, turn in turns(case, 3)]
    assert order == [(1, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a"), (3, "b")]


def test_each_run_adds_a_value_to_a_contestants_figure() -> None:
    case = Case("race", (contestant("a", iter([1.0, 3.0])), contestant("b", iter([2.0, 4.0]))))
    said: list[str] = []
    assert measure(case, 2, said.append).figures == [
        Figure("race", "a", RAW, "16 connections", "rate", "rows/s", (1.0, 3.0)),
        Figure("race", "b", RAW, "16 connections", "rate", "rows/s", (2.0, 4.0)),
    ]
    assert said[0] == "race: a, run 1 of 2"


def test_who_cannot_take_part_is_left_out_with_the_reason() -> None:
    case = Case("race", (contestant("a", iter([1.0]), "nobody made its environment"),))
    said: list[str] = []
    assert measure(case, 1, said.append) == ([], [], "")
    assert said == ["race: a is left out: nobody made its environment"]


def test_who_fails_is_told_of_and_keeps_nobody_from_the_race() -> None:
    # It has one value for two runs.
    case = Case("race", (contestant("a", iter([1.0])), contestant("b", iter([2.0, 4.0]))))
    said: list[str] = []
    outcome = measure(case, 2, said.append)
    assert [figure.values for figure in outcome.figures] == [(1.0,), (2.0, 4.0)]
    [told] = outcome.failed
    assert told.startswith("race: a failed in run 2 of 2: ")
    assert told in said


def test_a_case_is_chosen_by_a_part_of_its_name() -> None:
    cases = [Case("by HTTP", ()), Case("by topic", (Contestant("a", NOTHING, lambda: iter(())),))]
    assert chosen(cases, "Topic") == cases[1:]
    assert chosen(cases, None) == cases


def test_the_figures_of_a_case_come_with_its_note() -> None:
    case = Case("race", (contestant("a", iter([1.0])),), "all legs count")
    said: list[str] = []
    assert measure(case, 1, said.append).note == "race: all legs count"
