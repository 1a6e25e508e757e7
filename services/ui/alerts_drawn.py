"""The alerts of the monitoring page: the gravest first, those of one rule together."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from services.ui.alerts_told import alert_told
from services.ui.frame import note, section
from services.ui.reader import Reader

Alert = Mapping[str, Any]
SIGNS: Final = {"critical": "‼", "warning": "!", "information": "i"}
"""The gravest first."""
KINDS: Final = {"critical": "bad", "warning": "careful", "information": "plain"}


def draw_alerts(alerts: Iterable[Alert], reader: Reader) -> None:
    """Draw the alerts that fire, or that none does."""
    words = reader.words
    section(words("monitoring.alerts"))
    grouped = by_rule(alerts)
    if not grouped:
        note("good", "✓", words("monitoring.quiet"))
    for group in grouped:
        severity = group[0]["severity"]
        named = words(f"monitoring.severity_{severity}")
        if len(group) == 1:
            text = alert_told(group[0], words, reader.forms)
            told = words("monitoring.severe", severity=named, text=text)
            more = _since(group[0], reader)
        else:
            told = words("monitoring.severe_many", severity=named, count=len(group))
            more = "\n".join(
                f"{alert_told(alert, words, reader.forms)} · {_since(alert, reader)}" for alert in group
            )
        note(KINDS[severity], SIGNS[severity], told, more)


def by_rule(alerts: Iterable[Alert]) -> list[list[Alert]]:
    """Return alerts of one severity and rule together, the gravest first and then those that are most."""
    grouped: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault((alert["severity"], alert["rule"]), []).append(alert)
    order = list(SIGNS)
    return sorted(grouped.values(), key=lambda group: (order.index(group[0]["severity"]), -len(group)))


def _since(alert: Alert, reader: Reader) -> str:
    words, raised = reader.words, datetime.fromisoformat(alert["raised_at"])
    since = words("monitoring.since", when=reader.forms.moment(reader.here(raised)))
    taken = alert.get("acknowledged_by")
    return f"{since} · {words('monitoring.acknowledged', who=taken)}" if taken else since
