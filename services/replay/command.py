"""What the programs of this room have in common: their options, and how they say what is wrong."""

import asyncio
import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import psycopg
from aiokafka.errors import KafkaError

from services.kit.client import adapt_client
from services.kit.environment import read
from services.kit.errors import FatalError
from services.kit.logs import configure_logs
from services.kit.settings import ServiceSettings
from services.scorecard.table import TableError


class NoReplayError(Exception):
    """The ledger has no replay of the file; the message says how to make one."""


def options_parser(module: str, description: str | None, file: str, patience: str) -> ArgumentParser:
    """Return the grammar of a program that sends something of a file; the last two say what of it."""
    parser = ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--file", type=Path, required=True, help=file)
    parser.add_argument("--rate", type=float, help="events per second; as fast as possible without it")
    parser.add_argument("--patience", type=float, default=60.0, help=patience)
    return parser


def options_of(parser: ArgumentParser, above_zero: Sequence[str] = ("rate", "patience")) -> Namespace:
    """Return the options given; end the program with a sentence where one of these is not above 0."""
    options = parser.parse_args()
    for name in above_zero:
        given = getattr(options, name)
        if given is not None and not given > 0:
            parser.error(f"--{name} must be above 0, not {given:g}")
    return options


def run(work: Callable[[Namespace], Coroutine[Any, Any, int]], options: Namespace) -> int:
    """Do the work and return its exit code, or 2 after a sentence on the error output."""
    configure_logs("replay", read(ServiceSettings, log_level="WARNING"))
    # Of an absent broker the program tells itself; the client would tell 300 times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    adapt_client()
    try:
        return asyncio.run(work(options))
    # A timeout is an error of the system's, too: it comes first.
    except (KafkaError, TimeoutError) as error:
        print(f"Kafka does not answer or take what is sent: {error!r}; is it up?", file=sys.stderr)
    except FatalError as error:
        print(error, file=sys.stderr)
    except (TableError, NoReplayError, OSError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
    except psycopg.Error as error:
        print(f"the ledger cannot be asked: {error}; is PostgreSQL up?", file=sys.stderr)
    return 2
