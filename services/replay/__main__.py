"""Sends a file's applications through the engine: `python -m services.replay --file FILE`."""

import sys
from argparse import Namespace
from datetime import UTC, datetime

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.environment import exit_code_of, read
from services.kit.kafka_settings import KafkaSettings
from services.kit.stream_settings import StreamSettings
from services.replay.command import options_of, options_parser, run
from services.replay.display import progress, summary_lines
from services.replay.ledger import recorded
from services.replay.rows import rows_of
from services.replay.sending import cycled
from services.replay.session import Session
from services.scorecard.table import TableError


def main() -> int:
    """Replay and print the summary; return 0 only if every application was decided once and recorded."""
    return run(_replay, _options())


async def _replay(options: Namespace) -> int:
    # Before anything is sent: the ledger is asked only at the end.
    kafka, stream, ledger = read(KafkaSettings), read(StreamSettings), read(DatabaseSettings)
    name = datetime.now(UTC).strftime("replay-%Y%m%dT%H%M%S%f")
    rows = list(rows_of(options.file))
    if not rows:
        raise TableError("holds no applications")
    count = options.count or len(rows)
    session = Session(name, kafka, stream, patience=options.patience)
    with progress(count, "deciding", "decided") as show:
        summary = await session.replay(cycled(rows, count), rate=options.rate, show=show)
    database = Database(ledger)
    try:
        kept = await recorded(database, name, summary.decided, options.patience)
    finally:
        await database.close()
    print("\n".join(summary_lines(summary, kept)))
    return 0 if summary.flawless and kept == summary.sent == count else 1


def _options() -> Namespace:
    parser = options_parser(
        "services.replay",
        __doc__,
        file="a CSV file with the application columns",
        patience="seconds without any decision before giving up",
    )
    parser.add_argument("--count", type=int, help="send this many, repeating the file's rows")
    return options_of(parser, above_zero=("rate", "count", "patience"))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
