"""Sends a file's applications through the engine: `python -m services.replay --file FILE`."""

import asyncio
import logging
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from services.kit.database import DatabaseSettings, create_database
from services.kit.logs import configure_logs
from services.kit.settings import KafkaSettings, ServiceSettings, StreamSettings
from services.replay.display import progress, summary_lines
from services.replay.ledger import recorded
from services.replay.rows import rows_of
from services.replay.sending import cycled
from services.replay.session import Session
from services.scorecard.table import Cells, TableError


def main() -> int:
    """Replay and print the summary; return 0 only if every application was decided once and recorded."""
    options = _options()
    configure_logs("replay", ServiceSettings(log_level="WARNING"))
    # Of an absent broker the session tells now and then; the client would tell 300 times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        rows = list(rows_of(options.file))
        return asyncio.run(_replay(rows, options))
    except (TableError, OSError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
    except (KafkaError, TimeoutError) as error:
        print(f"Kafka does not answer or take applications: {error!r}; is it up?", file=sys.stderr)
    except SQLAlchemyError as error:
        print(f"the ledger cannot be asked: {error}; is PostgreSQL up?", file=sys.stderr)
    return 2


async def _replay(rows: list[Cells], options: Namespace) -> int:
    run = datetime.now(UTC).strftime("replay-%Y%m%dT%H%M%S%f")
    if not rows:
        raise TableError("holds no applications")
    count = options.count or len(rows)
    session = Session(run, KafkaSettings(), StreamSettings(), patience=options.patience)
    with progress(count) as show:
        summary = await session.replay(cycled(rows, count), rate=options.rate, show=show)
    database = create_database(DatabaseSettings())
    try:
        kept = await recorded(database, run, summary.decided, options.patience)
    finally:
        await database.dispose()
    print("\n".join(summary_lines(summary, kept)))
    return 0 if summary.flawless and kept == summary.sent == count else 1


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m services.replay", description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="a CSV file with the application columns")
    parser.add_argument("--rate", type=float, help="applications per second; as fast as possible without it")
    parser.add_argument("--count", type=int, help="send this many, repeating the file's rows")
    parser.add_argument(
        "--patience", type=float, default=60.0, help="seconds without any decision before giving up"
    )
    options = parser.parse_args()
    for name in ("rate", "count", "patience"):
        given = getattr(options, name)
        if given is not None and not given > 0:
            parser.error(f"--{name} must be above 0, not {given:g}")
    return options


if __name__ == "__main__":
    sys.exit(main())
