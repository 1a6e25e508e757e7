"""What the Kafka client raises, in the loop's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from services.kit.errors import FatalError, UnavailableError, first_error

FORBIDDEN = (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


@contextmanager
def kafka_errors() -> Iterator[None]:
    """Say aiokafka's errors in the loop's words: forbidden is fatal, all else is worth a new session."""
    try:
        try:
            yield
        except ExceptionGroup as group:
            raise first_error(group) from group
    except FORBIDDEN as error:
        raise FatalError(f"Kafka forbids it, grant the right and start again: {error!r}") from error
    except TimeoutError as error:
        raise UnavailableError("Kafka has not answered in time") from error
    except (KafkaError, OSError) as error:
        raise UnavailableError(f"Kafka: {error!r}") from error
