"""Where Kafka's client is made to use what is ours: it has no settings for it."""

from types import ModuleType

from aiokafka import conn
from aiokafka.consumer import fetcher
from aiokafka.record import default_records as slower_records
from aiokafka.record._crecords import default_records

from services.kit.codecs import Unpacked, codecs
from services.kit.connection import Connection
from services.kit.fetched import PartitionRecords, fetch_result
from services.kit.foreign_names import KeptRecords
from services.kit.frames import FrameProtocol


def adaptations() -> list[tuple[ModuleType, str, object]]:
    """Return module, name and what comes there."""
    unpacked = Unpacked()
    return [
        (conn, "AIOKafkaConnection", Connection),
        (conn, "AIOKafkaProtocol", FrameProtocol),
        (fetcher, "MemoryRecords", KeptRecords),
        (fetcher, "PartitionRecords", PartitionRecords),
        (fetcher, "FetchResult", fetch_result(unpacked)),
        *(
            (module, name, codec)
            for name, codec in codecs(unpacked).items()
            for module in (default_records, slower_records)
        ),
    ]


def adapt_client() -> None:
    """Do it, for the whole process, before it connects."""
    for module, name, ours in adaptations():
        setattr(module, name, ours)
