"""The wiring that all stream services share: a stage, its probes and the process around them."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TypeVar

from prometheus_client import CollectorRegistry

from services.kit.dead_letters import DeadLetterOffice
from services.kit.environment import read
from services.kit.kafka_settings import KafkaSettings, group_of
from services.kit.lifecycle import run_service, together
from services.kit.logs import configure_logs
from services.kit.metrics import StageMetrics
from services.kit.probes import Application, Check, probe_application, serve_http
from services.kit.progress import Progress
from services.kit.records import Handler
from services.kit.settings import ServiceSettings
from services.kit.stream import Stage
from services.kit.stream_settings import StreamSettings
from services.kit.transport import KafkaTransport, Transport, Write

T = TypeVar("T")
Task = Callable[[asyncio.Event], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Work:
    """All that a service does, and how it gets on."""

    name: str
    tasks: Mapping[str, Task]
    not_alive: Check
    not_ready: Check
    registry: CollectorRegistry


@dataclass(frozen=True)
class StreamService:
    """A stream service's name and settings, read from the environment when it is made.

    Making it raises SettingsError for an environment that cannot be used.
    """

    name: str
    dead_letter_topic: str
    service: ServiceSettings = field(default_factory=partial(read, ServiceSettings))
    kafka: KafkaSettings = field(default_factory=partial(read, KafkaSettings))
    stream: StreamSettings = field(default_factory=partial(read, StreamSettings))
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    given_transport: Transport | None = None
    """Instead of Kafka."""

    @cached_property
    def transport(self) -> Transport:
        """Ways to read and write topics."""
        return self.given_transport or KafkaTransport(self.kafka, self.stream)

    def stage(
        self,
        topics: Sequence[str],
        handler: Handler[T],
        *,
        write: Write | None = None,
        begin: asyncio.Event | None = None,
        **beside: Task,
    ) -> Work:
        """Return the stage, with the tasks `beside` it; it delivers to topics, or by `write` to a sink.

        It reads nothing before `begin` is set, where that is given.
        """
        progress, group = Progress(turn_within=self.stream.turn_within), group_of(self.name)
        stage = Stage(
            self.transport.stage(topics, group=group, instance=self.service.instance, write=write),
            handler,
            office=DeadLetterOffice(self.dead_letter_topic, self.name, lambda: datetime.now(UTC)),
            settings=self.stream,
            metrics=StageMetrics(self.registry),
            progress=progress,
            begin=begin,
        )
        tasks = {"stage": stage.run, **beside}
        return Work(self.name, tasks, progress.not_alive, progress.not_ready, self.registry)

    def run(self, work: Work, *, application: Application = probe_application) -> int:
        """Do the work as a process, with its probes, until SIGTERM; return the exit code.

        `application` is what is served on the probes' port: the probes alone, or more than them.
        """
        configure_logs(self.name, self.service)
        probes = application(work.not_alive, work.not_ready, work.registry)

        async def main(stop: asyncio.Event) -> None:
            await together(
                stop,
                probes=serve_http(probes, host=self.service.host, port=self.service.probe_port, stop=stop),
                **{name: task(stop) for name, task in work.tasks.items()},
            )

        return run_service(main, grace=self.service.grace)
