import asyncio

from services.kit.answers import Answering


class Wire(asyncio.Transport):
    """A connection that remembers what was written at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def test_head_and_body_are_written_together_and_at_once() -> None:
    wire = Wire()
    answer = Answering(wire)
    answer.write(b"head;")
    assert wire.written == []
    answer.write(b"body")
    assert wire.written == [b"head;body"]
    await asyncio.sleep(0)
    assert wire.written == [b"head;body"]


async def test_a_head_does_not_wait_for_a_body_that_takes_its_time() -> None:
    wire = Wire()
    answer = Answering(wire)
    answer.write(b"head;")
    await asyncio.sleep(0)
    assert wire.written == [b"head;"]
    answer.write(b"part")
    answer.write(b"part")
    assert wire.written == [b"head;", b"part", b"part"]


async def test_a_head_without_a_body_is_written_before_the_connection_is_closed() -> None:
    wire = Wire()
    answer = Answering(wire)
    answer.write(b"head;")
    answer.close()
    assert (wire.written, answer.is_closing()) == ([b"head;"], True)
    await asyncio.sleep(0)
    assert wire.written == [b"head;"]


async def test_nothing_is_written_to_a_connection_that_was_closed_meanwhile() -> None:
    wire = Wire()
    answer = Answering(wire)
    answer.write(b"head;")
    wire.close()
    await asyncio.sleep(0)
    assert wire.written == []
