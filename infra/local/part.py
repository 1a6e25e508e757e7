"""What all parts of the engine have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.local.ports import Port
from infra.local.settings import REPOSITORY


@dataclass(frozen=True, slots=True)
class Program:
    """A process that the supervisor runs in the foreground."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = REPOSITORY
    user: str | None = None
    """System user to run as; None is the launcher's own."""
    stop_signal: str = "TERM"
    """Signal that asks for an orderly end, without SIG."""
    stop_seconds: int = 15
    """Time to finish what is in flight before the kill."""
    ends_with: tuple[int, ...] = ()
    """Exit codes after which it is not started again; 0 is none where nobody asked it to end."""


class Part(Protocol):
    """Something the engine is made of."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""

    @property
    def ports(self) -> tuple[Port, ...]:
        """Ports that it will listen on."""

    def prepare(self) -> None:
        """Make what the program needs before its start, once; a second call finds it and returns.

        Raises LauncherError.
        """

    def program(self) -> Program | None:
        """Return what to run, or None where something outside this machine's supervisor runs it."""

    def is_ready(self) -> bool:
        """Tell whether it does its work now."""
