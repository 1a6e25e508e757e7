"""Kafka's client over uvloop: what it sends on a connection that was cut a moment ago.

asyncio drops it, and the client then fails what waits for an answer. uvloop raises a RuntimeError that the
client does not expect: what sent, or fetched, ends without a word, and all that it was to do waits for ever.
"""

from typing import Any

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError, KafkaError


class Connection(conn.AIOKafkaConnection):  # type: ignore[misc]  # aiokafka is not typed
    """A connection that says in the client's own words that it is closed."""

    def send(self, request: Any, expect_response: bool = True) -> Any:  # noqa: ANN401 - as it is there
        """Send a request. Raises KafkaConnectionError."""
        try:
            return super().send(request, expect_response)
        except KafkaError:
            raise
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN, exc=error)
            raise KafkaConnectionError(f"the connection was cut: {error}") from error


def tell_closed_connections() -> None:
    """Let the client connect by it: there is no setting for it."""
    conn.AIOKafkaConnection = Connection
