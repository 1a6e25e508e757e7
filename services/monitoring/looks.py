"""What many look at, at once and again and again, without a key: each costs one look, whoever asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.kit.database import Database
from services.monitoring.champion import Champion
from services.monitoring.history import History
from services.monitoring.pipeline import Pipeline
from services.monitoring.realised import realised
from services.monitoring.shared_look import SharedLook
from services.monitoring.summary import ALL

PERFORMANCE_EVERY: Final = timedelta(seconds=5)
"""It reads thousands of rows, and outcomes come weeks after decisions."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks that are shared. Each raises UnavailableError, but for the pipeline's, which tells nulls."""

    pipeline: SharedLook[dict[str, Any]]
    performance: SharedLook[dict[str, Any]]
    newest_tick: SharedLook[datetime | None]
    """When the last tick was; None before there was one."""


def looks_of(
    database: Database, champion: Champion, history: History, pipeline: Pipeline, *, window: str
) -> Looks:
    """Return the looks; `window` is the one whose ticks are told of."""

    async def performance() -> dict[str, Any]:
        watched = champion.current
        if watched is None:
            return {"outcomes": 0}
        return await realised(database, watched.version, watched.bundle.costs)

    async def newest_tick() -> datetime | None:
        found = await history.latest(window, ALL)
        return None if found is None else found[0].at

    return Looks(
        SharedLook(pipeline.look), SharedLook(performance, every=PERFORMANCE_EVERY), SharedLook(newest_tick)
    )
