"""What the first reader would wait for, done when the process starts."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from services.ui.known_model import base_rate, peers_of_champion, usual_amounts
from services.ui.reach import document
from services.ui.rest import AwayError, RefusedError


def warm() -> None:
    """Load what the pages are made of, and ask what they ask first; a service that is away is no fault."""
    for page in sorted(Path(__file__).parent.glob("page_*.py")):
        import_module(f"services.ui.{page.stem}")
    with suppress(AwayError, RefusedError):
        document().limits()
    for ask in (base_rate, peers_of_champion, usual_amounts):
        ask()
