"""Connections of Kafka's client: how they read answers, and what is sent on one that was cut a moment ago.

asyncio drops what is sent then, and the client fails what waits for an answer. uvloop raises a RuntimeError
that the client does not expect: what sent, or fetched, ends without a word, and all that it was to do waits
for ever.
"""

import asyncio
from typing import Any

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError, KafkaError


class Connection(conn.AIOKafkaConnection):  # type: ignore[misc]  # aiokafka is not typed
    """A connection that says in the client's own words that it is closed, and reads an answer at once."""

    def send(self, request: Any, expect_response: bool = True) -> Any:  # noqa: ANN401 - as it is there
        """Send a request. Raises KafkaConnectionError."""
        try:
            return super().send(request, expect_response)
        except KafkaError:
            raise
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN, exc=error)
            raise KafkaConnectionError(f"the connection was cut: {error}") from error

    def _create_reader_task(self) -> asyncio.Task[None]:
        self._reader = self._protocol.frames
        task: asyncio.Task[None] = super()._create_reader_task()
        return task
