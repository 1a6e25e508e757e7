"""The ledger service: `python -m services.ledger`."""

import sys

from services.contracts.topics import DEAD_LETTERS
from services.kit.database import DatabaseSettings, create_database
from services.kit.delivery import SinkDelivery
from services.kit.environment import exit_code_of, read
from services.kit.service import StreamService
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler, Row
from services.ledger.metrics import LedgerMetrics
from services.ledger.settings import LedgerSettings, LedgerStreamSettings


def main() -> int:
    """Wire the service, run it and return its exit code."""
    service = StreamService("ledger", DEAD_LETTERS.name, stream=read(LedgerStreamSettings))
    database = create_database(read(DatabaseSettings))
    metrics = LedgerMetrics(service.registry)
    book = Book(database, metrics, write_within=read(LedgerSettings).write_within)
    handler = LedgerHandler()

    def delivery() -> SinkDelivery[Row]:
        return SinkDelivery(book.write, service.kafka, service.stream)

    return service.run(handler.topics, handler, delivery)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
