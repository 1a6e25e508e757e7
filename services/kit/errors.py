"""Errors as policy: what is tried again, and what ends the process."""

import asyncio


class UnavailableError(Exception):
    """A part that the service needs is away; the same work is tried again after a pause."""


class FatalError(Exception):
    """The service cannot go on; its process ends with `exit_code`, for the supervisor to see."""

    exit_code = 1


class TooManyDeadLettersError(FatalError):
    """So many records are refused that the release must be at fault, not the records.

    Supervisors should not restart the process at this code, or the topic would be emptied in steps.
    """

    exit_code = 3


def first_error(error: BaseException) -> BaseException:
    """Return the error itself, or the first of a group: of tasks side by side, one ends the others."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def was_cancelled() -> bool:
    """Tell, on a CancelledError, whether it was this task that was cancelled, and not what it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
