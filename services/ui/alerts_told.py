"""Alerts in the reader's language: monitoring's own sentences are English."""

from collections.abc import Mapping
from typing import Any

from services.ui.locale_forms import Forms
from services.ui.words import Words


def alert_told(alert: Mapping[str, Any], words: Words, forms: Forms) -> str:
    """Return an alert in plain words; its own sentence where the rule is the operators' own."""
    value = alert["value"]
    if value is None or alert["rule"] not in words.tree["monitoring"]["alert"]:
        return str(alert["summary"])
    return words(
        f"monitoring.alert.{alert['rule']}",
        subject=words.field(alert["subject"]),
        number=forms.number(value, 3),
        share=forms.percent(value),
        count=forms.number(value),
    )
