"""Batches in which the name of a header is not UTF-8: the client gives up there, and all behind it is lost.

Kafka's brokers ask nobody for UTF-8, and have acknowledged each of these records.
"""

from struct import Struct
from typing import Any, Final

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_HEAD: Final = Struct(">qi")
"""Offset of a batch's first record, and how many bytes follow."""


class KeptRecords(MemoryRecords):  # type: ignore[misc]  # aiokafka is not typed
    """The batches of an answer, with its bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.content = content


class LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch whose names of headers are text, whatever they hold: bytes that are not UTF-8 are escaped.

    It is read by the client's slower way, record by record, as they are asked for.
    """

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Lenient(self._buffer)  # type: ignore[has-type]


class _Lenient(bytearray):
    """Bytes of which every part can be read as text."""

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - as it is there
        part = super().__getitem__(place)
        return _Lenient(part) if isinstance(place, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


def lenient_batch(content: bytes, offset: int) -> LenientBatch:
    """Return the batch of an answer whose first record has this offset."""
    place = 0
    while True:
        first, length = _HEAD.unpack_from(content, place)
        end = place + _HEAD.size + length
        if first == offset:
            return LenientBatch(memoryview(content)[place:end])
        place = end
