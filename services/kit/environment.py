"""Settings from environment variables, and the sentence for each one that is wrong."""

import sys
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from services.kit.errors import FatalError

S = TypeVar("S", bound=BaseSettings)


class SettingsError(FatalError):
    """Some environment variables cannot be used; the message has a line for each."""

    exit_code = 2


def read(settings: type[S], **chosen: object) -> S:
    """Return the settings of this environment, with the values that a program chooses itself.

    Raises SettingsError naming each variable that is wrong, without its value, which may be a secret.
    """
    make: Callable[..., S] = settings
    try:
        return make(**chosen)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        lines = [f"{_variable(settings, str(problem['loc'][0]))}: {problem['msg']}" for problem in problems]
    # Outside the handler, so that no traceback shows pydantic's error, which quotes the value.
    raise SettingsError("\n".join(lines))


def exit_code_of(program: Callable[[], int]) -> int:
    """Run a program and return its exit code; why it cannot go on is told on standard error."""
    try:
        return program()
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _variable(settings: type[BaseSettings], place: str) -> str:
    """Return the variable that pydantic means: it says the field, or the alias where there is one."""
    prefix = settings.model_config.get("env_prefix", "")
    return f"{prefix}{place}".upper() if place in settings.model_fields else place
