"""Tells what the loans of a replayed file did: `python -m services.replay.outcomes --file FILE`.

Its rows' TARGET goes to the outcomes' topic, under the ids of the last replay of that file in the ledger.
"""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from services.contracts.codec import Encoded, encode
from services.contracts.events import LoanOutcomeObserved
from services.contracts.topics import OUTCOMES
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.environment import exit_code_of, read
from services.kit.kafka_settings import KafkaSettings
from services.kit.stream_settings import StreamSettings
from services.replay.command import NoReplayError, options_of, options_parser, run
from services.replay.display import progress
from services.replay.ledger import last_replay
from services.replay.rows import TARGET, Labelled, labels_of
from services.replay.sending import SOURCE, chunks_sent, patient_producer
from services.scorecard.columns import IDENTIFIER
from services.scorecard.table import TableError


def main() -> int:
    """Send the outcomes and print how many; return 0 when Kafka has all of them on disk."""
    parser = options_parser(
        "services.replay.outcomes",
        __doc__,
        file=f"the CSV file that was replayed, with {TARGET}",
        patience="seconds without an answer of Kafka's before giving up",
    )
    return run(_tell, options_of(parser))


async def _tell(options: Namespace) -> int:
    kafka, stream, ledger = read(KafkaSettings), read(StreamSettings), read(DatabaseSettings)
    labels = list(labels_of(options.file))
    events = list(outcomes_of(labels, await _replayed(labels, ledger)))
    sent = 0
    with progress(len(events), "telling", "told") as show:
        async with patient_producer(kafka, stream, options.patience) as sender:
            encoded = map(_encoded, events)
            async for chunk in chunks_sent(
                sender, OUTCOMES.name, encoded, rate=options.rate, within=options.patience
            ):
                # The chunks before this one are on disk.
                show(sent)
                sent += len(chunk)
            show(sent)
    count = Counter(event.outcome for event in events)
    print(f"outcomes  {sent:,} told: {count['repaid']:,} repaid, {count['defaulted']:,} defaulted")
    return 0


async def _replayed(labels: Sequence[Labelled], ledger: DatabaseSettings) -> list[str]:
    """Return the decided applications of the file's last replay. Raises TableError, NoReplayError."""
    if all(label.defaulted is None for label in labels):
        raise TableError(f"no row has a {TARGET}: there is nothing to tell")
    database = Database(ledger)
    try:
        found = await last_replay(database, labels[0].identifier)
    finally:
        await database.close()
    if not found:
        raise NoReplayError("the ledger has no replay of this file; `make replay FILE=` decides it first")
    return found


def outcomes_of(labels: Sequence[Labelled], application_ids: Iterable[str]) -> Iterator[LoanOutcomeObserved]:
    """Yield what is known of a replay's loans, each observed now; a replay may have repeated the rows.

    Raises TableError where an application is not of the row whose number it has.
    """
    for application_id in application_ids:
        _, number, identifier = application_id.split(".")
        label = labels[int(number) % len(labels)]
        if str(label.identifier) != identifier:
            raise TableError(
                f"the last replay had another {IDENTIFIER} ({identifier}) where this file has "
                f"{label.identifier}: name the very file that was replayed"
            )
        if label.defaulted is not None:
            outcome: Literal["repaid", "defaulted"] = "defaulted" if label.defaulted else "repaid"
            yield LoanOutcomeObserved(
                application_id=application_id, outcome=outcome, observed_at=datetime.now(UTC)
            )


def _encoded(event: LoanOutcomeObserved) -> Encoded:
    return encode(event, event_id=str(uuid4()), source=SOURCE)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
