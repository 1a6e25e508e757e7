from pathlib import Path

from infra.local.engine import assemble
from infra.local.java import Java
from infra.local.kafka import ApacheKafka
from infra.local.part import Part
from infra.local.settings import LocalSettings
from infra.local.stopping import DEADLINE_SECONDS


def test_all_programs_may_take_their_time_before_the_supervisor_is_blamed(tmp_path: Path) -> None:
    engine = assemble(LocalSettings(state=tmp_path, kafka_bootstrap_servers=None))
    engine.state.create()
    (engine.state.postgres / "password").write_text("hush")
    kafka = ApacheKafka(engine.state.kafka, engine.state.kafka_jars, Java("java", "21"), 1, 2, "broker")
    parts: tuple[Part, ...] = (
        engine.postgres,
        engine.mlflow,
        *kafka.parts(),
        *engine.services("127.0.0.1:1"),
    )
    programs = [program for part in parts if (program := part.program()) is not None]
    assert len(programs) == 10
    assert sum(program.stop_seconds for program in programs) < DEADLINE_SECONDS
