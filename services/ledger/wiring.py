"""The parts of the ledger service, put together."""

from services.kit.database_settings import DatabaseSettings
from services.kit.environment import read
from services.kit.service import StreamService, Work
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler
from services.ledger.metrics import LedgerMetrics
from services.ledger.settings import LedgerSettings


def wire(service: StreamService) -> Work:
    """Return the service's work. Raises SettingsError."""
    metrics = LedgerMetrics(service.registry)
    book = Book(read(DatabaseSettings), metrics, write_within=read(LedgerSettings).write_within)
    handler = LedgerHandler()
    return service.stage(handler.topics, handler, write=book.write)
