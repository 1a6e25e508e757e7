"""What the state folder's disk refuses, as a sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.errors import wrong_input
from infra.local.state import State

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What writing raises without a file's name, unlike opening."""


@contextmanager
def refusals_of_disk(state: State) -> Iterator[None]:
    """Raise LauncherError, which names file, reason and setting, where the state folder cannot be used.

    Errors about other files pass.
    """
    try:
        yield
    except OSError as error:
        if not _concerns(state, error):
            raise
        raise wrong_input(
            f"{error.filename or state.root}: {error.strerror}; make {state.root} a folder that the engine "
            "can write to, or set OCTROI_STATE to another"
        ) from error


def _concerns(state: State, error: OSError) -> bool:
    if error.filename is None:
        return error.errno in FULL
    file = Path(error.filename)
    places = (state.root, state.socket.parent)
    return any(file.is_relative_to(place) or place.is_relative_to(file) for place in places)
