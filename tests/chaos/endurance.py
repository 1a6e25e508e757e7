"""What shows only after a while: a large backlog, and hours of load; memory is looked at all the way."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic, sleep
from uuid import uuid4

import psycopg
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # they are its public names all the same
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from services.contracts.topics import APPLICATIONS, DECISIONS, FEATURES
from services.kit.kafka_settings import KafkaSettings
from services.replay.sending import cycled, id_in
from services.scorecard.table import Cells
from tests.benchmarks.preload import preload
from tests.chaos.endured import Endured
from tests.chaos.faults import STAGES
from tests.chaos.memory import Held, Memory, grown, look, pods_memory, swollen
from tests.chaos.witness import Witness
from tests.engine import RunningEngine

LOOK_EVERY = 5.0
PARTITION_BYTES = 128 * 1024 * 1024
"""What Kafka keeps of a partition while it soaks, and at the most five minutes more: disks have an end."""
QUIET_SECONDS = 5.0
"""Without a record until all of a topic is read."""
STUCK_SECONDS = 60.0
"""Without a row until what is missing counts as lost."""
COUNTS = {
    table: f"SELECT count(*) FROM ledger.{table} WHERE starts_with(application_id, %s)"  # noqa: S608 - ours
    for table in ("decisions", "applications")
}
"""By table, in the order in which they are full: under load the ledger takes decisions first."""
NEWEST = {
    table: f"SELECT count(*) FROM ledger.{table} WHERE application_id = ANY(%s)"  # noqa: S608 - ours
    for table in COUNTS
}
INSERTED = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = %s::regclass"
LAST = 200
"""Applications of a run that are looked for before all are counted, which takes from what is timed."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen while a long run went on."""

    handed_in: int
    seconds: float
    memory: Memory
    seen: Mapping[str, Sequence[Held]]
    """All that was seen of each program."""
    swollen: tuple[str, ...]


def backlog(engine: RunningEngine, rows: list[Cells], count: int) -> Endured:
    """Let so many applications wait, start the stages, and look on until all are recorded."""
    run, witness = f"backlog-{uuid4().hex[:8]}", Witness(engine.bootstrap)
    for stage in STAGES:
        engine.engine.supervisor.stop(stage)
    preload(KafkaSettings(bootstrap_servers=engine.bootstrap), cycled(rows, count), run)
    begun = monotonic()
    for stage in STAGES:
        engine.engine.supervisor.begin(stage)
    watched = _watch(engine, run, count, begun, _last(rows, run, count))
    # Only now, so that reading along takes nothing from those that are timed.
    witness.start(from_start=True)
    return _judged(engine, witness, run, watched)


def soak(engine: RunningEngine, rows: list[Cells], rate: float, minutes: float) -> Endured:
    """Hand in so many a second for so long, and look on until all are recorded."""
    run, count, witness = f"soak-{uuid4().hex[:8]}", int(rate * minutes * 60), Witness(engine.bootstrap)
    _keep_little(engine)
    witness.start()
    kafka = KafkaSettings(bootstrap_servers=engine.bootstrap)
    begun = monotonic()
    with ThreadPoolExecutor(1) as beside:
        sending = beside.submit(preload, kafka, cycled(rows, count), run, rate)
        watched = _watch(engine, run, count, begun, _last(rows, run, count))
        sending.result()
    # Not of a backlog, which fills what holds it and empties it again.
    return replace(_judged(engine, witness, run, watched), grown=grown(watched.seen))


def recorded(engine: RunningEngine, run: str, table: str) -> int:
    """Return how many applications of a run are in a table of the ledger's."""
    return _number(engine, COUNTS[table], run)


def _last(rows: list[Cells], run: str, count: int) -> list[str]:
    return [id_in(run, each, rows[each % len(rows)]) for each in range(max(0, count - LAST), count)]


def _number(engine: RunningEngine, question: str, about: str | list[str]) -> int:
    with psycopg.connect(engine.environment["DATABASE_URL"]) as ledger:
        found = ledger.execute(question, (about,)).fetchone()
    return int(found[0]) if found else 0


def _watch(engine: RunningEngine, run: str, count: int, begun: float, last: list[str]) -> Watched:
    """Look on until all of a run are recorded, or none has been for long."""

    def complete(table: str) -> bool:
        return _number(engine, NEWEST[table], last) == len(last) and recorded(engine, run, table) == count

    memory: Memory = {}
    seen: dict[str, list[Held]] = {}
    given, too_much = pods_memory(), set[str]()
    for table in COUNTS:
        inserted, moved = 0, monotonic()
        while monotonic() < moved + STUCK_SECONDS:
            now_held = look(engine, memory)
            too_much |= {*swollen(now_held, given)}
            for name, held in now_held.items():
                seen.setdefault(name, []).append(held)
            if complete(table):
                break
            now = _number(engine, INSERTED, f"ledger.{table}")
            inserted, moved = (now, monotonic()) if now > inserted else (inserted, moved)
            sleep(LOOK_EVERY)
    return Watched(count, monotonic() - begun, memory, seen, tuple(sorted(too_much)))


def _keep_little(engine: RunningEngine) -> None:
    kept = ConfigEntry("retention.bytes", str(PARTITION_BYTES), incremental_operation=AlterConfigOpType.SET)
    topics = [
        ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=[kept])
        for topic in (APPLICATIONS, FEATURES, DECISIONS)
    ]
    admin = AdminClient({"bootstrap.servers": engine.bootstrap})
    for changed in admin.incremental_alter_configs(topics).values():
        changed.result()


def _judged(engine: RunningEngine, witness: Witness, run: str, watched: Watched) -> Endured:
    witness.wait_until_quiet(QUIET_SECONDS)
    witness.stop()
    return Endured(
        watched.handed_in,
        witness.decided(run),
        witness.doubled(run),
        min(recorded(engine, run, table) for table in COUNTS),
        watched.seconds,
        watched.memory,
        watched.swollen,
    )
