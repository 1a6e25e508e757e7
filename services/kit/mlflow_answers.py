"""What MLflow's REST interface answers, for all who ask it. What is no answer of its is the asker's error."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, NamedTuple

API: Final = "/api/2.0/mlflow"
ARTIFACTS: Final = "/api/2.0/mlflow-artifacts/artifacts"
QUOTED: Final = 200
"""Bytes of a refusal that an error tells."""


class Answer(NamedTuple):
    """What was answered, whole."""

    status: int
    body: bytes

    @property
    def begin(self) -> str:
        """The first words, for an error."""
        return self.body[:QUOTED].decode(errors="replace")


def checked(answer: Answer, fault: type[Exception]) -> Answer:
    """Return the answer. Raises `fault` where MLflow refuses."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise fault(f"MLflow answers {answer.status}: {answer.begin}")
    return answer


def told(answer: Answer, fault: type[Exception]) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises `fault` where MLflow refuses, or there is none."""
    with as_mlflow_answers(fault):
        found = json.loads(checked(answer, fault).body)
        if not isinstance(found, dict):
            raise TypeError("not an object")
    return found


@contextmanager
def as_mlflow_answers(fault: type[Exception]) -> Iterator[None]:
    """Raise `fault` where what is read from an answer is not there, or not of its kind.

    The server's address is not told: a password may stand in it.
    """
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise fault("the registry does not answer as MLflow does: look at MLFLOW_TRACKING_URI") from error
