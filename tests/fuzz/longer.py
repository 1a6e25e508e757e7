"""The stages of a longer run."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from infra.kafka.topics import TopicSettings, make_topics
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.monitoring.champion import Champion
from tests.fuzz.asking import Asked, ask_until
from tests.fuzz.messages import Told, read_mutated, reading_mutated
from tests.fuzz.parts import Parts
from tests.fuzz.readers import ledger_reader, readers
from tests.fuzz.scenes import gateway_interface, served
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.migrating import new_database
from tests.integration.monitoring.interface import made

KEPT: Final = 20
"""One of so many records goes into PostgreSQL, too."""


def read_everything(champion: Champion, parts: Parts, messages: int, seed: int) -> Iterator[Told]:
    """Send every reader its share of mutated records, and yield what became of them."""
    every = readers(champion)
    yield asyncio.run(_kept(parts, messages // KEPT, seed))
    share = -(-(messages - messages // KEPT) // len(every))
    for reader in every:
        yield read_mutated(reader, count=share, seed=seed)


async def _kept(parts: Parts, count: int, seed: int) -> Told:
    with new_database(parts.server, parts.template) as url:
        async with open_book(url) as book:
            return await reading_mutated(ledger_reader(book.write), count=count, seed=seed)


def ask_gateway(parts: Parts, folder: Path, cases: int, seed: int) -> Iterator[Asked]:
    """Ask the gateway, with the engine behind it."""
    with (
        new_database(parts.server, parts.template) as url,
        gateway_interface(folder, url) as interface,
    ):
        yield from ask_until(interface, folder, seed=seed, cases=cases)


async def ask_monitoring(
    champion: Champion, parts: Parts, folder: Path, cases: int, seed: int
) -> list[Asked]:
    """Ask monitoring's interface; nothing where there is no Kafka."""
    if parts.kafka is None:
        return []
    kafka = KafkaSettings(bootstrap_servers=parts.kafka)
    await make_topics(kafka, TopicSettings(partitions=2))
    with new_database(parts.server, parts.template) as url:
        database = Database(DatabaseSettings(url=SecretStr(url)))
        try:
            making = made(folder, database=database, kafka=kafka, champion=champion)
            async with making as (application, key), served(application, key) as interface:
                asking = ask_until(interface, folder, seed=seed, cases=cases)
                return await asyncio.to_thread(list, asking)
        finally:
            await database.close()
