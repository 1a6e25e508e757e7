"""The wiring that all stream services share: a stage, its probes and the process around them."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from prometheus_client import CollectorRegistry

from services.kit.dead_letters import DeadLetterOffice
from services.kit.delivery import Delivery, TransactionalDelivery
from services.kit.environment import read
from services.kit.kafka import KafkaConnection
from services.kit.lifecycle import run_service, together
from services.kit.logs import configure_logs
from services.kit.metrics import StageMetrics
from services.kit.probes import Application, probe_application, serve_http
from services.kit.progress import Progress
from services.kit.records import Handler, Message
from services.kit.settings import KafkaSettings, ServiceSettings, StreamSettings
from services.kit.stream import Stage

T = TypeVar("T")
Task = Callable[[asyncio.Event], Coroutine[object, object, None]]


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

    @property
    def group(self) -> str:
        """The consumer group: one per service, shared by its instances."""
        return f"octroi-{self.name}"

    def transactions(self) -> Delivery[Message]:
        """Return the delivery that is exactly once from topic to topic."""
        return TransactionalDelivery(self.group, self.kafka, self.stream)

    def run(
        self,
        topics: Sequence[str],
        handler: Handler[T],
        delivery: Callable[[], Delivery[T]],
        *,
        application: Application = probe_application,
        **beside: Task,
    ) -> int:
        """Run the stage with its probes, and the tasks `beside` it, until SIGTERM; return the exit code.

        `application` is what is served on the probes' port: the probes alone, or more than them.
        """
        configure_logs(self.name, self.service)
        progress = Progress(turn_within=self.stream.turn_within)
        stage = Stage(
            partial(self._connect, topics, delivery),
            handler,
            office=DeadLetterOffice(self.dead_letter_topic, self.name, lambda: datetime.now(UTC)),
            settings=self.stream,
            metrics=StageMetrics(self.registry),
            progress=progress,
        )
        probes = application(progress.not_alive, progress.not_ready, self.registry)

        async def main(stop: asyncio.Event) -> None:
            await together(
                stop,
                stage=stage.run(stop),
                probes=serve_http(probes, host=self.service.host, port=self.service.probe_port, stop=stop),
                **{name: task(stop) for name, task in beside.items()},
            )

        return run_service(main, grace=self.service.grace)

    def _connect(self, topics: Sequence[str], delivery: Callable[[], Delivery[T]]) -> KafkaConnection[T]:
        return KafkaConnection(
            topics,
            group=self.group,
            instance=self.service.instance,
            delivery=delivery(),
            kafka=self.kafka,
            settings=self.stream,
        )
