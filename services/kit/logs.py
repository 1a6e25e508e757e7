"""Structured logs: one event per fact, as JSON lines or readable lines, never with personal data."""

import asyncio
import atexit
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from time import monotonic
from traceback import extract_tb

import structlog
from structlog.typing import Processor

from services.kit.settings import ServiceSettings


def configure_logs(service: str, settings: ServiceSettings) -> None:
    """Send the logs of this process, ours and the libraries', to standard output in one form."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    output = Output()
    atexit.register(output.flush)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=output.lines,
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, instance=settings.instance)
    if isinstance(sys.stdout, TextIOWrapper):
        # Where the output takes ASCII alone, a line is told with escapes rather than not at all.
        sys.stdout.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    handler.addFilter(Flood(per_minute=20))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for chatty in ("aiokafka", "httpx", "httpcore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class Output:
    """Standard output, as lines reach it: those of a pass of the event loop together, others at once.

    Each request has a line, and who reads them one by one, a supervisor or a container's engine, takes more
    of the processor for a line than it takes to make it. Where they cannot be written, as in a closed pipe,
    work goes on without them.
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []

    def lines(self, name: str) -> "Lines":
        """Return what writes lines that are logged under a name."""
        return Lines(name, self)

    def gather(self, line: str) -> None:
        """Write a line with others, as soon as the event loop has its turn."""
        loop = _event_loop()
        if loop is None:
            _write([line])
            return
        if not self._waiting:
            loop.call_soon(self.flush)
        self._waiting.append(line)

    def write(self, line: str) -> None:
        """Write a line at once, after those of the event loop that wait."""
        if _event_loop() is None:
            # Threads leave alone what waits: it could be written twice, or not at all.
            _write([line])
            return
        self._waiting.append(line)
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        lines, self._waiting = self._waiting, []
        _write(lines)


class Lines:
    """Writes what is logged under a name: by `logging` each line would cost twice as much.

    From a warning on it is written at once: the process may be about to end.
    """

    def __init__(self, name: str, output: Output) -> None:
        self.name = name
        self.debug = self.info = output.gather
        self.warning = self.error = self.critical = output.write


def _event_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _write(lines: Sequence[str]) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


def where(error: BaseException, inside: str = "") -> str:
    """Return the line of code that raised, as file:line: the message may quote personal data, this cannot.

    Of the lines that led there it is the last in a file whose path has `inside` in it.
    """
    frames = [frame for frame in extract_tb(error.__traceback__) if inside in frame.filename]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"


class Flood(logging.Filter):
    """Lets the Kafka client say a thing a few times a minute: without a broker it says 340 lines a second."""

    def __init__(self, *, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._per_minute = per_minute
        self._clock = clock
        self._minute = 0
        self._said: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record, told by the line of code that says it, is still within its measure."""
        if not record.name.startswith("aiokafka"):
            return True
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute = minute
            self._said.clear()
        place = (record.pathname, record.lineno)
        self._said[place] = self._said.get(place, 0) + 1
        return self._said[place] <= self._per_minute
