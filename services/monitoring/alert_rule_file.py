"""The file of alert rules: read at start, with an error for each field that is wrong."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.kit.environment import SettingsError
from services.monitoring.alert_metrics import Known
from services.monitoring.alert_rules import AlertRule, AlertRules

SHIPPED: Final = "alerts.yaml"


class AlertRulesError(SettingsError):
    """The alert rules cannot be used; the message has a line for each fault: file, rule, field and cure."""


def load_rules(path: Path | None, known: Known) -> AlertRules:
    """Read the rules in `path`, or those of this release. Raises AlertRulesError."""
    name = SHIPPED if path is None else str(path)
    document = _document(name, _text(path))
    try:
        return AlertRules.model_validate(document, context=known)
    except ValidationError as error:
        faults = [f"{name}: {fault}" for fault in _faults(error, document)]
    raise AlertRulesError("\n".join(faults))


def _text(path: Path | None) -> str:
    try:
        source = files("services.monitoring").joinpath(SHIPPED) if path is None else path
        return source.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise AlertRulesError(f"{path}: must be saved as UTF-8") from None
    except OSError as error:
        cure = f"copy services/monitoring/{SHIPPED} there and change it, or leave the setting out"
        raise AlertRulesError(f"{path}: cannot be read ({error.strerror}); {cure}") from None


def _document(name: str, text: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise AlertRulesError(f"{name}: {line}{error.problem}; must be YAML as in {SHIPPED}") from None
    except yaml.YAMLError as error:
        raise AlertRulesError(f"{name}: {error}; must be YAML as in {SHIPPED}") from None


def _faults(error: ValidationError, document: Any) -> Iterator[str]:  # noqa: ANN401
    for fault in error.errors(include_url=False):
        match fault["loc"]:
            case ("rules", int(number), *field):
                where = ".".join(map(str, field))
                yield f"rule {_rule_name(document, number)}: {where}{': ' if where else ''}{_cure(fault)}"
            case ("rules", *_) if fault["type"] != "missing":
                yield f"rules: {fault['msg']}"
            case _:
                yield "must have a list named rules and nothing else, each rule with " + _fields()


def _rule_name(document: Any, number: int) -> str:  # noqa: ANN401
    rule = document["rules"][number]
    name = rule.get("name") if isinstance(rule, dict) else None
    return name if isinstance(name, str) else f"number {number + 1}"


def _cure(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return f"is no field of a rule; take it out or use one of {_fields()}"
    if fault["type"] == "missing":
        return "is missing and must be given"
    if fault["type"] == "model_type":
        return f"must be a mapping with {_fields()}"
    return f"is {fault['input']!r}: {fault['msg']}"


def _fields() -> str:
    return ", ".join(field.alias or name for name, field in AlertRule.model_fields.items())
