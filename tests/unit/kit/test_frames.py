"""Kafka's answers are put together from the pieces in which they come."""

import asyncio

import pytest

from services.kit.frames import FrameReader


def test_what_comes_in_pieces_is_read_in_the_lengths_that_are_asked_for() -> None:
    async def read() -> list[bytes]:
        frames = FrameReader(asyncio.get_running_loop())
        reading = asyncio.create_task(_all(frames, (4, 0, 6, 1, 3)))
        for piece in (b"ab", b"cde", b"f", b"ghijk", b"lmnopq"):
            frames.feed_data(piece)
            await asyncio.sleep(0)
        return await reading

    assert asyncio.run(read()) == [b"abcd", b"", b"efghij", b"k", b"lmn"]


def test_who_waits_is_woken_by_the_last_piece_only() -> None:
    async def read() -> int:
        frames = FrameReader(asyncio.get_running_loop())
        reading, woken = asyncio.create_task(frames.readexactly(300)), 0
        await asyncio.sleep(0)
        for _ in range(3):
            waiter = frames._waiter  # type: ignore[attr-defined]  # noqa: SLF001
            frames.feed_data(bytes(100))
            woken += waiter.done()
        assert await reading == bytes(300)
        return woken

    assert asyncio.run(read()) == 1


@pytest.mark.parametrize("held", [b"", b"abc"])
def test_the_end_of_the_connection_is_told_with_what_there_was(held: bytes) -> None:
    async def read() -> bytes:
        frames = FrameReader(asyncio.get_running_loop())
        if held:
            frames.feed_data(held)
        reading = asyncio.create_task(frames.readexactly(4))
        await asyncio.sleep(0)
        frames.feed_eof()
        with pytest.raises(asyncio.IncompleteReadError) as raised:
            await reading
        return raised.value.partial

    assert asyncio.run(read()) == held


def test_what_cut_the_connection_is_raised() -> None:
    async def read() -> None:
        frames = FrameReader(asyncio.get_running_loop())
        reading = asyncio.create_task(frames.readexactly(4))
        await asyncio.sleep(0)
        frames.set_exception(ConnectionResetError("gone"))
        await reading

    with pytest.raises(ConnectionResetError, match="gone"):
        asyncio.run(read())


def test_it_is_at_its_end_once_all_was_read() -> None:
    async def ends() -> tuple[bool, bool, bool]:
        frames = FrameReader(asyncio.get_running_loop())
        frames.feed_data(b"abcd")
        before = frames.at_eof()
        frames.feed_eof()
        held = frames.at_eof()
        await frames.readexactly(4)
        return before, held, frames.at_eof()

    assert asyncio.run(ends()) == (False, False, True)


async def _all(frames: FrameReader, lengths: tuple[int, ...]) -> list[bytes]:
    return [await frames.readexactly(length) for length in lengths]
