"""What the Kafka client raises, in the loop's words."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalOperation,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from services.kit.errors import FatalError, UnavailableError, first_error, was_cancelled

FORBIDDEN = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


def forbidden(error: KafkaError) -> FatalError:
    """Return one of FORBIDDEN in the loop's words, with its cure."""
    return FatalError(
        f"Kafka forbids it: {error!r}; give this user the rights that `python -m infra.kafka.access` lists "
        "for the service, and start again"
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
        raise forbidden(error) from error
    except TimeoutError as error:
        raise UnavailableError("Kafka has not answered in time") from error
    except asyncio.CancelledError as error:
        if was_cancelled():
            raise
        raise UnavailableError("Kafka's client has given up what it was asked") from error
    # Illegal is what comes to a producer in the moment in which it was given up.
    except (IllegalOperation, KafkaError, OSError) as error:
        raise UnavailableError(f"Kafka: {error!r}") from error
