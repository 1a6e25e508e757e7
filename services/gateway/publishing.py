"""Applications to Kafka: acknowledged only when Kafka has them, refused at once while it is away."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError

from services.kit.errors import FatalError, UnavailableError
from services.kit.pause import first_of, pause
from services.kit.records import Message
from services.kit.transport import Publishing

CLOSING_SECONDS = 5.0
log = structlog.stdlib.get_logger("publishing")


class ReconnectingPublisher:
    """A publisher that is there from the start of the process, and connected whenever Kafka is.

    After a failure nothing is sent until a new connection stands: the client would keep what it cannot
    deliver, and every request would wait its full time.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Publishing]],
        *,
        retry_first: timedelta,
        retry_longest: timedelta,
    ) -> None:
        self._connect = connect
        self._retry_first = retry_first
        self._retry_longest = retry_longest
        self._current: Publishing | None = None
        self._forbidden: FatalError | None = None
        self._broken = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    def not_ready(self) -> list[str]:
        """Return why applications cannot be accepted; empty when they can."""
        return [] if self._current else ["applications: no connection to Kafka"]

    async def publish(self, message: Message) -> None:
        """Publish by the connection of the moment. Raises UnavailableError; `run` raises FatalError."""
        with self._in_use() as current:
            await current.publish(message)

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        """Publish together by the connection of the moment. Raises as `publish` where there is none."""
        with self._in_use() as current:
            taken = await current.publish_all(messages)
            if not all(taken):
                self._give_up(current)
            return taken

    @contextmanager
    def _in_use(self) -> Iterator[Publishing]:
        """Give the connection of the moment, and give it up where it fails."""
        current = self._current
        if current is None:
            raise UnavailableError("Kafka is away")
        try:
            yield current
        except UnavailableError:
            self._give_up(current)
            raise
        except FatalError as error:
            # The request is answered like any other that Kafka did not take, and then the process ends.
            self._forbidden = error
            self._broken.set()
            raise UnavailableError(str(error)) from error

    def _give_up(self, connection: Publishing) -> None:
        if self._current is connection:
            self._current = None
            self._broken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a connection until `stop`, then finish what is being sent.

        Raises FatalError where Kafka does not let us in, or forbids what was published.
        """
        wait = self._retry_first
        while not stop.is_set():
            try:
                await self._session(stop)
                if self._forbidden:
                    raise self._forbidden
                wait = self._retry_first
            except UnavailableError as error:
                log.warning("kafka_away", error=str(error), retry_seconds=wait.total_seconds())
                await pause(wait, stop)
                wait = min(wait * 2, self._retry_longest)
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSING_SECONDS)

    async def _session(self, stop: asyncio.Event) -> None:
        """Connect, and stay so until something breaks or the process stops."""
        connection = AsyncExitStack()
        self._current = await connection.enter_async_context(self._connect())
        self._broken.clear()
        log.info("kafka_connected")
        await first_of(stop, self._broken)
        self._current = None
        # Closing waits for what is still to be delivered, which while Kafka is away takes until it is back.
        closing = asyncio.create_task(_close(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _close(connection: AsyncExitStack) -> None:
    with suppress(KafkaError):
        await connection.aclose()
