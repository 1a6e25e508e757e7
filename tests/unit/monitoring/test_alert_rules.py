from pathlib import Path
from typing import Any

import pytest
import yaml

from services.kit.environment import SettingsError
from services.monitoring.alert_rule_file import load_rules
from services.monitoring.alert_rules import AlertRules
from tests.unit.monitoring.alert_examples import KNOWN, given, rule


def written(folder: Path, *rules: object) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({"rules": list(rules)}))
    return path


def fault(folder: Path, *rules: object) -> str:
    path = written(folder, *rules)
    with pytest.raises(SettingsError) as caught:
        load_rules(path, KNOWN)
    return str(caught.value).removeprefix(f"{path}: ")


def test_the_shipped_rules_can_be_used_and_look_at_everything_that_is_measured() -> None:
    rules = load_rules(None, KNOWN).rules
    assert {each.metric for each in rules} == {*KNOWN.window_metrics, *KNOWN.engine_metrics}
    assert all(each.told("AMT_CREDIT", 0.123) for each in rules)


def test_rules_are_evaluated_by_window(tmp_path: Path) -> None:
    lag = given(name="lag", metric="pipeline.lag", threshold=5, clear_at=..., window=...)
    rules = load_rules(written(tmp_path, given(), given(name="b", window="1h"), lag), KNOWN)
    assert [each.name for each in rules.of_window("1h")] == ["b"]
    assert [each.name for each in rules.of_window(None)] == ["lag"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"metric": "feature.distanse"}, "metric: is 'feature.distanse': must be one of feature.distance, "),
        ({"comparison": "over"}, "comparison: is 'over': Input should be 'above', 'below', "),
        ({"comparison": "below", "clear_at": 0.2}, "comparison: is 'below': a distance is drift when it is"),
        ({"threshold": "1e-3"}, "threshold: is '1e-3': Input should be a valid number"),
        ({"threshold": True}, "threshold: is True: Input should be a valid number"),
        ({"threshold": float("nan")}, "threshold: is nan: Input should be a finite number"),
        ({"threshold": 0.05, "clear_at": 0.01}, "threshold: is 0.05: must be 0.1 or more: from there a feat"),
        (
            {"clear_at": 0.1},
            "clear_at: is 0.1: must be below the threshold 0.1, or the alert would clear whi",
        ),
        (
            {"metric": "decisions.approved", "comparison": "below", "threshold": 0.4, "clear_at": 0.3},
            "clear_at: is 0.3: must be above the threshold 0.4",
        ),
        ({"window": "2h"}, "window: is '2h': must be one of last-5000, 1h, 24h, 7d"),
        ({"window": ...}, "window: is None: must be one of last-5000"),
        ({"metric": "pipeline.lag"}, "window: is 'last-5000': must be left out: the metric is of the whole"),
        ({"for": 0}, "for: is 0: Input should be greater than or equal to 1"),
        ({"for": ...}, "for: is missing and must be given"),
        ({"severity": "loud"}, "severity: is 'loud': Input should be 'information', 'warning' or 'critical'"),
        ({"sentence": "{feature}"}, "sentence: is '{feature}': may have {subject}, {value}, {threshold}, "),
        ({"sentence": "{value.real}"}, "sentence: is '{value.real}': may have"),
        ({"sentence": "{value:{subject}}"}, "sentence: is '{value:{subject}}': may have"),
        ({"sentence": "{subject:.2f}"}, "sentence: is '{subject:.2f}': may have"),
        ({"sentence": "{} "}, "sentence: is '{} ': may have"),
        ({"sentence": "{value"}, "sentence: is '{value': may have"),
        ({"treshold": 1}, "treshold: is no field of a rule; take it out or use one of name, metric, compar"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_with_its_cure(
    tmp_path: Path, fields: dict[str, object], expected: str
) -> None:
    assert fault(tmp_path, given(**fields)).startswith(f"rule feature-drift: {expected}")


def test_all_faults_are_told_at_once_and_a_rule_without_name_by_its_number(tmp_path: Path) -> None:
    lines = fault(tmp_path, given(name=...), given(severity="loud"), "rule").splitlines()
    assert lines[0] == "rule number 1: name: is missing and must be given"
    assert "rule feature-drift: severity: " in lines[1]
    assert "rule number 3: must be a mapping with name, metric" in lines[2]


def test_two_rules_of_one_name_are_an_error(tmp_path: Path) -> None:
    assert fault(tmp_path, given(), given()) == (
        "rules: each needs a name of its own: feature-drift stands there twice"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules: [", "line 1: expected the node content"),
        ("", "must have a list named rules"),
        ("rule: []", "must have a list named rules"),
        ("rules: 5", "rules: Input should be a valid tuple"),
        ("rules: []\nmore: 1", "must have a list named rules and nothing else"),
        ("rules: \0", "unacceptable character"),
        ("rules: \udcff", "must be saved as UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_rules_is_an_error(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError) as caught:
        load_rules(path, KNOWN)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_a_file_that_is_not_there_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read .*copy services/monitoring/alerts"):
        load_rules(tmp_path / "none.yaml", KNOWN)


def test_no_rules_are_no_error(tmp_path: Path) -> None:
    assert load_rules(written(tmp_path), KNOWN) == AlertRules(rules=())


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        ("above", [False, False, True]),
        ("at_least", [False, True, True]),
        ("below", [True, False, False]),
        ("at_most", [True, True, False]),
    ],
)
def test_comparisons(comparison: str, holds: list[bool]) -> None:
    asked: dict[str, Any] = {"metric": "ages.p99", "threshold": 1, "clear_at": ...}
    compared = rule(comparison=comparison, **asked)
    assert [compared.holds(value) for value in (0.5, 1.0, 1.5)] == holds
    assert [compared.calm(value) for value in (0.5, 1.0, 1.5)] == [not each for each in holds]


def test_between_clear_at_and_threshold_a_value_neither_holds_nor_is_calm() -> None:
    upwards, downwards = rule(), rule(metric="ages.p99", comparison="below", clear_at=0.2)
    assert [(upwards.holds(v), upwards.calm(v)) for v in (0.08, 0.09, 0.1)] == [
        (False, True),
        (False, False),
        (True, False),
    ]
    assert [downwards.calm(value) for value in (0.1, 0.15, 0.2)] == [False, False, True]
