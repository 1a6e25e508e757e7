"""Alert rules: which measured value, how far off and for how long, operators must know of."""

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.monitoring.alert_metrics import DISTANCE, Known, must_be_among

Comparison = Literal["above", "below", "at_least", "at_most"]
Severity = Literal["information", "warning", "critical"]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Strict, for YAML reads `yes` as true, and true would pass as 1."""

_HOLDS: Final[Mapping[Comparison, Callable[[float, float], bool]]] = MappingProxyType(
    {"above": gt, "below": lt, "at_least": ge, "at_most": le}
)
_UPWARDS: Final = ("above", "at_least")
_PLACES: Final = ("subject", "value", "threshold", "window")


class AlertRule(BaseModel):
    """One rule: an alert for each subject of the metric whose value meets the comparison long enough.

    Where it is validated with a `Known` as context, metric and window must be among the known ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
    metric: str
    comparison: Comparison
    threshold: Number
    clear_at: Number | None = None
    """The value has to come back so far; without it, to where the comparison does not hold."""
    window: Annotated[str | None, Field(validate_default=True)] = None
    """None for metrics of the whole engine."""
    ticks: Annotated[int, Field(alias="for", strict=True, ge=1, le=10_000)]
    """Ticks in a row that raise the alert, and as many that clear it."""
    severity: Severity
    retrain: bool = False
    """Whether the alert asks for a training, where one is set up."""
    sentence: Annotated[str, Field(min_length=1)]
    """For operators; {subject}, {value}, {threshold} and {window} are filled in, in Python's format."""

    @field_validator("metric")
    @classmethod
    def _is_measured(cls, metric: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known):
            must_be_among(metric, (*info.context.window_metrics, *info.context.engine_metrics))
        return metric

    @field_validator("comparison")
    @classmethod
    def _looks_the_right_way(cls, comparison: Comparison, info: ValidationInfo) -> Comparison:
        if info.data.get("metric") == DISTANCE and comparison not in _UPWARDS:
            raise PydanticCustomError(
                "rule", "a distance is drift when it is large: must be above or at_least"
            )
        return comparison

    @field_validator("threshold")
    @classmethod
    def _is_drift(cls, threshold: float, info: ValidationInfo) -> float:
        # Below, the summary has not allowed for chance, and any small window would raise alerts.
        known = info.context
        if (
            info.data.get("metric") == DISTANCE
            and isinstance(known, Known)
            and threshold < known.drifted_from
        ):
            limit = {"limit": known.drifted_from}
            raise PydanticCustomError(
                "rule", "must be {limit} or more: from there a feature is drifted", limit
            )
        return threshold

    @field_validator("clear_at")
    @classmethod
    def _is_back_from_threshold(cls, clear_at: float | None, info: ValidationInfo) -> float | None:
        if clear_at is None or not {"comparison", "threshold"} <= info.data.keys():
            return clear_at
        threshold, upwards = info.data["threshold"], info.data["comparison"] in _UPWARDS
        if not (clear_at < threshold if upwards else clear_at > threshold):
            side = {"side": "below" if upwards else "above", "threshold": threshold}
            message = "must be {side} the threshold {threshold}, or the alert would clear while it holds"
            raise PydanticCustomError("rule", message, side)
        return clear_at

    @field_validator("window")
    @classmethod
    def _is_kept(cls, window: str | None, info: ValidationInfo) -> str | None:
        # A rule on a window that nobody measures would keep silent for ever.
        if isinstance(info.context, Known) and "metric" in info.data:
            if info.data["metric"] in info.context.window_metrics:
                must_be_among(window, info.context.windows)
            elif window is not None:
                raise PydanticCustomError("rule", "must be left out: the metric is of the whole engine")
        return window

    @field_validator("sentence")
    @classmethod
    def _can_be_filled_in(cls, sentence: str) -> str:
        try:
            parts = [part for part in Formatter().parse(sentence) if part[1] is not None]
            # A format taken from another value could fail on the day of the alert.
            wrong = [name or "{}" for _, name, form, _ in parts if name not in _PLACES or "{" in (form or "")]
            if wrong:
                raise ValueError(f"not {', '.join(wrong)}")  # noqa: TRY301
            sentence.format(subject="", value=0.5, threshold=0.5, window="")
        except ValueError as error:
            places = {"places": ", ".join(f"{{{place}}}" for place in _PLACES), "fault": str(error)}
            raise PydanticCustomError("rule", "may have {places} to fill in ({fault})", places) from None
        return sentence

    def holds(self, value: float) -> bool:
        """Tell whether the value is worth an alert."""
        return _HOLDS[self.comparison](value, self.threshold)

    def calm(self, value: float) -> bool:
        """Tell whether the value is back so far that an alert may clear."""
        if self.clear_at is None:
            return not self.holds(value)
        return value <= self.clear_at if self.comparison in _UPWARDS else value >= self.clear_at

    def told(self, subject: str, value: float) -> str:
        """Return the sentence about a subject."""
        return self.sentence.format(
            subject=subject, value=value, threshold=self.threshold, window=self.window or ""
        )


class AlertRules(BaseModel):
    """All rules, in the file's order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[AlertRule, ...]

    @field_validator("rules")
    @classmethod
    def _have_names_of_their_own(cls, rules: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
        names = [rule.name for rule in rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = "each needs a name of its own: {names} stands there twice"
            raise PydanticCustomError("rules", message, {"names": ", ".join(twice)})
        return rules

    def of_window(self, window: str | None) -> tuple[AlertRule, ...]:
        """Return the rules that are evaluated on a window; None: those of the whole engine."""
        return tuple(rule for rule in self.rules if rule.window == window)
