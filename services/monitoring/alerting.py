"""Decides at each tick which alerts are raised and cleared, and writes them into the book."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from services.monitoring.alert_book import AlertBook, Change
from services.monitoring.alert_events import event_of
from services.monitoring.alert_rules import AlertRule, AlertRules
from services.monitoring.alert_state import Raised, State, joined, retired, step
from services.monitoring.champion import Champion, Watched
from services.monitoring.measurements import Measure, about, measured
from services.monitoring.retraining import Retraining
from services.monitoring.summary import ALL, WindowSummary

log = structlog.stdlib.get_logger("alerts")
Models = tuple[str, str | None]
"""Versions of the champion and of the challenger, if there is one."""


class Alerting:
    """The alerts of the instance that ticks: their state is what the book says fires."""

    def __init__(
        self, book: AlertBook, rules: AlertRules, champion: Champion, retraining: Retraining
    ) -> None:
        self._book = book
        self._retraining = retraining
        self._rules = rules
        self._champion = champion
        self._state: State = {}
        self._models: Models | None = None

    async def tell(
        self,
        watched: Watched,
        summaries: Sequence[WindowSummary],
        engine: Mapping[Measure, float | None],
    ) -> None:
        """Take a tick: summaries and figures of the engine. Raises UnavailableError, FatalError.

        `watched` is whom they are of: by now there may be another champion.
        """
        at = datetime.now(UTC)
        await self._begin(watched, engine, at)
        version = watched.version
        for summary in summaries:
            if summary.segment == ALL:
                rules = self._rules.of_window(summary.window)
                await self._take(measured(summary), rules, at, version, summary)
        await self._take(engine, self._rules.of_window(None), at, version, None)

    async def _begin(self, watched: Watched, engine: Mapping[Measure, float | None], at: datetime) -> None:
        """Learn what fires, and end what nobody looks at any more since another model came or one went."""
        self._state = joined(self._state, await self._book.state())
        models = (watched.version, self._champion.challenger)
        if self._models != models:
            before = self._models
            rules = [rule for rule in self._rules.rules if _goes_on(rule.metric, before, models, engine)]
            state, ended = retired(self._state, rules, watched.features.names, at)
            await self._book.record([Change(each, None) for each in ended])
            self._state, self._models = state, models

    async def _take(
        self,
        measurements: Mapping[Measure, float | None],
        rules: Sequence[AlertRule],
        at: datetime,
        version: str,
        summary: WindowSummary | None,
    ) -> None:
        after, transitions = step(self._state, measurements, rules, at)
        if transitions:
            name = self._champion.name
            changes = [
                Change(each, event_of(each, model_name=name, model_version=version, summary=summary))
                for each in transitions
            ]
            # Before the book: a transition that is in it is not found again where the request fails.
            for each in transitions:
                if isinstance(each, Raised) and each.rule.retrain:
                    await self._retraining.request(each.alert_id, at)
            await self._book.record(changes)
            told = [f"{type(each).__name__}: {each.key.rule}, {each.key.subject}" for each in transitions]
            log.info("alerts_changed", changes=told)
        # Only now: what could not be recorded is decided again at the next tick.
        self._state = after


def _goes_on(metric: str, before: Models | None, now: Models, engine: Mapping[Measure, float | None]) -> bool:
    """Tell whether an alert on a metric may go on with these models; `before` is None after a start.

    A champion's own outcomes come weeks after it does, and until then nothing would clear what the former
    one's have raised.
    """
    if metric.startswith("shadow."):
        return now[1] is not None
    if metric.startswith("performance."):
        same = before is None or before[0] == now[0]
        return same and engine.get(about(metric)) is not None
    return True
