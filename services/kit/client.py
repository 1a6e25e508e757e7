"""Where Kafka's client is made to use what is ours: it has no settings for it."""

from types import ModuleType
from typing import Any

from aiokafka import client, conn
from aiokafka.admin import client as admin
from aiokafka.consumer import fetcher
from aiokafka.protocol import metadata
from aiokafka.protocol.admin import CreateTopicsRequest
from aiokafka.record import default_records as slower_records
from aiokafka.record._crecords import default_records

from services.kit.codecs import Unpacked, codecs
from services.kit.connection import Connection
from services.kit.fetched import PartitionRecords, fetch_result
from services.kit.foreign_names import KeptRecords
from services.kit.frames import FrameProtocol


class MetadataRequest(metadata.MetadataRequest):  # type: ignore[misc]  # aiokafka is not typed
    """A question about topics that makes none: as the client asks it, Kafka makes them with its own defaults.

    Catalogues would not be compacted, and a record of more than a megabyte not taken.
    """

    def prepare(self, versions: dict[int, tuple[int, int]]) -> Any:  # noqa: ANN401 - as it is there
        """Return what is sent. Where there is no way to make topics on purpose, as in memory, this is it."""
        self._allow_auto_topic_creation = CreateTopicsRequest.API_KEY not in versions
        return super().prepare(versions)


def adaptations() -> list[tuple[ModuleType, str, object]]:
    """Return module, name and what comes there."""
    unpacked = Unpacked()
    return [
        (client, "MetadataRequest", MetadataRequest),
        (admin, "MetadataRequest", MetadataRequest),
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
