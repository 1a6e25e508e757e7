"""Wire the gateway and run it: `python -m services.gateway`."""

import asyncio
import sys
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import CollectorRegistry

from services.contracts.topics import DECISIONS
from services.gateway.application import create_application
from services.gateway.arrivals import Arrivals
from services.gateway.parts import put_together
from services.gateway.publishing import ReconnectingPublisher
from services.gateway.settings import GatewaySettings
from services.gateway.states import LedgerStates
from services.kit.database import DatabaseSettings, create_database
from services.kit.environment import exit_code_of, read
from services.kit.errors import FatalError
from services.kit.follower import Follower
from services.kit.key_file import KeyFileError
from services.kit.key_ring import KeyRing
from services.kit.lifecycle import run_service, together
from services.kit.logs import configure_logs
from services.kit.probes import serve_http
from services.kit.producer import Publisher
from services.kit.settings import KafkaSettings, ServiceSettings, StreamSettings


@dataclass(frozen=True)
class Gateway:
    """The gateway's settings, read from the environment when it is made."""

    settings: GatewaySettings = field(default_factory=partial(read, GatewaySettings))
    service: ServiceSettings = field(default_factory=partial(read, ServiceSettings))
    kafka: KafkaSettings = field(default_factory=partial(read, KafkaSettings))
    stream: StreamSettings = field(default_factory=partial(read, StreamSettings))
    database: DatabaseSettings = field(default_factory=partial(read, DatabaseSettings))

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`; requests in flight are finished before the connection to Kafka is closed."""
        arrivals = Arrivals(remembered=self.settings.remembered)
        decisions = Follower(
            DECISIONS.name, arrivals.take, self.kafka, self.stream, start="latest", reading=arrivals.reading
        )
        publisher = ReconnectingPublisher(
            lambda: Publisher(self.kafka, self.stream, within=self.settings.publish_within),
            retry_first=self.stream.retry_first,
            retry_longest=self.stream.retry_longest,
        )
        database = create_database(self.database)
        parts = put_together(
            self.settings,
            keys=self._keys(),
            publisher=publisher,
            arrivals=arrivals,
            states=LedgerStates(database),
            registry=CollectorRegistry(),
            not_ready=lambda: [*publisher.not_ready(), *decisions.not_ready()],
        )
        served = asyncio.Event()

        async def follow() -> None:
            try:
                await decisions.run(stop)
            finally:
                arrivals.close()

        async def serve() -> None:
            application = create_application(parts)
            await serve_http(application, host=self.service.host, port=self.settings.port, stop=stop)
            served.set()

        try:
            await together(stop, http=serve(), decisions=follow(), publisher=publisher.run(served))
        finally:
            await database.dispose()

    def _keys(self) -> KeyRing:
        try:
            return KeyRing(self.settings.api_keys_file)
        except KeyFileError as error:
            raise FatalError(str(error)) from error


def main() -> int:
    """Run the gateway until SIGTERM and return the exit code."""
    gateway = Gateway()
    configure_logs("gateway", gateway.service)
    return run_service(gateway.run, grace=gateway.service.grace)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
