"""What a stage promises, on the twin in memory and on Kafka alike."""

import asyncio
from collections.abc import Sequence

import pytest

from services.kit.errors import FatalError, TooManyDeadLettersError
from services.kit.records import Emit, Hold, Message, Partition, Record, Reject
from tests.integration.kit.faults import Faults, Gate
from tests.integration.kit.scene import FAST, PARTITIONS, Scene, handled, keys, numbered, running
from tests.integration.kit.waiting import until

Results = list[Emit[Message] | Reject | Hold]
FIVE_MEGABYTES = bytes(range(256)) * 4 * 5 * 1024


async def test_every_record_is_handled_once_and_in_order(scene: Scene) -> None:
    for partition in range(PARTITIONS):
        await scene.send(scene.names.source, partition, numbered(300))
    async with running(scene, scene.names.copy):
        await handled(scene, 600)
        await scene.send(scene.names.source, 0, numbered(50, start=300))
        await handled(scene, 650)
    copies = await scene.read(scene.names.target)
    assert keys(copies, 0) == [str(n).encode() for n in range(350)]
    assert keys(copies, 1) == [str(n).encode() for n in range(300)]
    assert await scene.read(scene.names.dead) == []


async def test_an_output_keeps_partition_key_headers_and_timestamp_of_its_origin(scene: Scene) -> None:
    headers = (("ce_id", b"17"), ("ce_id", b"again"), ("empty", b""))
    origin = Message("", b"key", b"value", headers)
    await scene.send(scene.names.source, 1, [origin], timestamp=1_767_225_600_123)
    async with running(scene, scene.names.copy):
        await handled(scene, 1)
    (copy,) = await scene.read(scene.names.target)
    assert copy.partition == Partition(scene.names.target, 1)
    assert (copy.key, copy.value, copy.headers) == (b"key", b"value", headers)
    assert copy.timestamp == 1_767_225_600_123


async def test_a_record_may_give_no_message_or_several(scene: Scene) -> None:
    def repeat(records: Sequence[Record]) -> Results:
        return [Emit((scene.names.message(r),) * int(r.key or b"")) for r in records]

    await scene.send(scene.names.source, 0, numbered(4))
    async with running(scene, repeat):
        await handled(scene, 4)
    assert keys(await scene.read(scene.names.target)) == [b"1", b"2", b"2", b"3", b"3", b"3"]


@pytest.mark.parametrize(
    ("key", "value"),
    [(None, b"value"), (b"key", None), (None, None), (b"", b""), (b"key", FIVE_MEGABYTES)],
    ids=["no key", "no value", "neither", "empty", "five megabytes"],
)
async def test_any_key_and_value_passes(scene: Scene, key: bytes | None, value: bytes | None) -> None:
    def refuse_first(records: Sequence[Record]) -> Results:
        return [
            Reject("is the first") if record.offset == 0 else Emit((scene.names.message(record),))
            for record in records
        ]

    small = Message("", b"small", b"small")
    await scene.send(scene.names.source, 0, [Message("", key, value), small, Message("", key, value), small])
    async with running(scene, refuse_first):
        await handled(scene, 4)
    (letter,) = await scene.read(scene.names.dead)
    copies = await scene.read(scene.names.target)
    assert (letter.key, letter.value) == (key, value)
    assert [(copy.key, copy.value) for copy in copies] == [
        (b"small", b"small"),
        (key, value),
        (b"small", b"small"),
    ]


async def test_a_refused_record_becomes_a_dead_letter(scene: Scene) -> None:
    untouched = b'\xff{"not": JSON'
    await scene.send(scene.names.source, 0, numbered(2))
    await scene.send(
        scene.names.source, 1, [Message("", b"key", untouched, (("ce_id", b"1"),))], timestamp=99
    )

    def refuse(records: Sequence[Record]) -> Results:
        return [
            Reject("value: is not JSON")
            if record.value == untouched
            else Emit((scene.names.message(record),))
            for record in records
        ]

    async with running(scene, refuse):
        await handled(scene, 3)
    (letter,) = await scene.read(scene.names.dead)
    headers = dict(letter.headers)
    assert (letter.key, letter.value, letter.timestamp, letter.partition.number) == (b"key", untouched, 99, 1)
    assert (headers.pop("octroi_failed_at") or b"").startswith(b"20")
    assert headers == {
        "ce_id": b"1",
        "octroi_stage": b"copying",
        "octroi_error": b"value: is not JSON",
        "octroi_attempt": b"1",
        "octroi_origin_topic": scene.names.source.encode(),
        "octroi_origin_partition": b"1",
        "octroi_origin_offset": b"0",
    }
    assert keys(await scene.read(scene.names.target)) == [b"0", b"1"]


async def test_the_attempt_counts_up_when_a_dead_letter_is_replayed(scene: Scene) -> None:
    def refuse(records: Sequence[Record]) -> Results:
        return [Reject("never") for _ in records]

    await scene.send(scene.names.source, 0, [Message("", b"key", b"value", (("ce_id", b"1"),))])
    async with running(scene, refuse):
        for attempt in (1, 2, 3):
            await handled(scene, attempt)
            letter = (await scene.read(scene.names.dead))[-1]
            said = [text for name, text in letter.headers if name == "octroi_attempt"]
            assert said == [str(attempt).encode()]
            assert dict(letter.headers)["octroi_origin_offset"] == str(attempt - 1).encode()
            assert (letter.value, letter.headers[0]) == (b"value", ("ce_id", b"1"))
            await scene.send(scene.names.source, 0, [Message("", letter.key, letter.value, letter.headers)])


async def test_a_handler_that_crashes_on_one_record_refuses_only_that_one(scene: Scene) -> None:
    def divide(records: Sequence[Record]) -> Results:
        return [
            Emit((Message(scene.names.target, r.key, b"%d" % (10 // int(r.key or b""))),)) for r in records
        ]

    await scene.send(scene.names.source, 0, [*numbered(3, start=1), *numbered(1), *numbered(2, start=4)])
    await scene.send(scene.names.source, 1, numbered(3, start=1))
    async with running(scene, divide):
        await handled(scene, 9)
    (letter,) = await scene.read(scene.names.dead)
    copies = await scene.read(scene.names.target)
    assert letter.key == b"0"
    assert (dict(letter.headers)["octroi_error"] or b"").startswith(b"ZeroDivisionError: ")
    assert keys(copies, 0) == [b"1", b"2", b"3", b"4", b"5"]
    assert keys(copies, 1) == [b"1", b"2", b"3"]


async def test_a_held_record_stops_its_partition_and_no_other(scene: Scene) -> None:
    model_is_there = asyncio.Event()

    def hold_two(records: Sequence[Record]) -> Results:
        return [
            Hold("feature AGE is missing")
            if record.key == b"2" and not model_is_there.is_set()
            else Emit((scene.names.message(record),))
            for record in records
        ]

    await scene.send(scene.names.source, 0, numbered(5))
    async with running(scene, hold_two) as stage:
        await until(lambda: len(stage.progress.not_ready()) == 1)
        await handled(scene, 2)
        await scene.send(scene.names.source, 1, numbered(2, start=10))
        await handled(scene, 4)
        assert stage.progress.not_ready() == [f"{scene.names.source}:0 waits: feature AGE is missing"]
        assert stage.progress.not_alive() == []
        assert keys(await scene.read(scene.names.target)) == [b"0", b"1", b"10", b"11"]
        model_is_there.set()
        await handled(scene, 7)
        await until(lambda: stage.progress.not_ready() == [])
    assert keys(await scene.read(scene.names.target), 0) == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_stage_is_ready_when_it_has_joined(scene: Scene) -> None:
    async with running(scene, scene.names.copy) as stage:
        assert stage.progress.not_ready() == ["has not joined its consumer group yet"]
        await until(lambda: stage.progress.not_ready() == [])


async def test_too_many_dead_letters_stop_the_stage_and_not_the_whole_topic_is_refused(scene: Scene) -> None:
    def refuse_odd(records: Sequence[Record]) -> Results:
        return [Reject("odd") if int(record.key or b"") % 2 else Emit(()) for record in records]

    settings = FAST.model_copy(
        update={"batch_records": 10, "dead_letter_window": 100, "dead_letters_allowed": 30}
    )
    await scene.send(scene.names.source, 0, numbered(400))
    with pytest.raises(
        TooManyDeadLettersError, match=r"^31 of the last 62 records were refused, 30 are allowed"
    ):
        async with running(scene, refuse_odd, settings) as stage:
            await stage.ended()
    assert TooManyDeadLettersError.exit_code == 3
    assert len(await scene.read(scene.names.dead)) == 30
    assert await scene.committed() == 60


async def test_a_batch_that_is_tried_again_counts_its_dead_letters_once(scene: Scene) -> None:
    def refuse(records: Sequence[Record]) -> Results:
        return [Reject("never") for _ in records]

    settings = FAST.model_copy(update={"dead_letter_window": 100, "dead_letters_allowed": 10})
    await scene.send(scene.names.source, 0, numbered(10))
    async with running(scene, refuse, settings, wrap=Faults(before=3).wrap):
        await handled(scene, 10)
    assert keys(await scene.read(scene.names.dead)) == keys_of(10)


def keys_of(count: int) -> list[bytes]:
    return [str(n).encode() for n in range(count)]


async def test_a_batch_has_at_most_so_many_records(scene: Scene) -> None:
    sizes: list[int] = []

    def copy(records: Sequence[Record]) -> Results:
        sizes.append(len(records))
        return scene.names.copy(records)

    settings = FAST.model_copy(update={"batch_records": 7})
    for partition in range(PARTITIONS):
        await scene.send(scene.names.source, partition, numbered(50))
    async with running(scene, copy, settings):
        await handled(scene, 100)
    assert max(sizes) == 7
    assert sum(sizes) == 100


@pytest.mark.parametrize(("before", "after"), [(2, 0), (0, 2)], ids=["before", "after"])
async def test_a_session_that_breaks_at_delivery_loses_and_doubles_nothing(
    scene: Scene, before: int, after: int
) -> None:
    faults = Faults(before=before, after=after)
    settings = FAST.model_copy(update={"batch_records": 20})
    for partition in range(PARTITIONS):
        await scene.send(scene.names.source, partition, numbered(60))
    async with running(scene, scene.names.copy, settings, wrap=faults.wrap) as stage:
        await handled(scene, 120)
        await until(lambda: stage.progress.not_ready() == [])
    assert faults.before == faults.after == 0
    for partition in range(PARTITIONS):
        assert keys(await scene.read(scene.names.target), partition) == keys_of(60)


async def test_stopping_finishes_the_turn_in_flight(scene: Scene) -> None:
    gate = Gate()
    await scene.send(scene.names.source, 0, numbered(20))
    async with running(scene, scene.names.copy, wrap=gate.wrap) as stage:
        await gate.reached.wait()
        stage.stop.set()
        assert await scene.committed() == 0
        gate.opened.set()
    copies = await scene.read(scene.names.target)
    assert copies
    assert await scene.committed() == len(copies)


async def test_who_lost_its_partitions_meanwhile_delivers_nothing(scene: Scene) -> None:
    gate = Gate()
    for partition in range(PARTITIONS):
        await scene.send(scene.names.source, partition, numbered(30))
    async with running(scene, scene.names.copy, instance="1", wrap=gate.wrap) as late:
        await gate.reached.wait()
        async with running(scene, scene.names.copy, instance="2"):
            await handled(scene, 60)
            assert late.progress.not_ready() == []
            gate.opened.set()
            await until(lambda: late.progress.not_ready() != [])
    for partition in range(PARTITIONS):
        assert keys(await scene.read(scene.names.target), partition) == keys_of(30)


async def test_a_handler_must_give_one_result_for_each_record(scene: Scene) -> None:
    def forget_one(records: Sequence[Record]) -> Results:
        return scene.names.copy(records)[1:]

    await scene.send(scene.names.source, 0, numbered(1))
    with pytest.raises(FatalError, match="0 results for 1 records"):
        async with running(scene, forget_one) as stage:
            await stage.ended()
    assert await scene.committed() == 0


async def test_what_is_not_the_fault_of_data_ends_the_stage(scene: Scene) -> None:
    def fail(records: Sequence[Record]) -> Results:
        raise RuntimeError(f"no memory for {len(records)} records")

    await scene.send(scene.names.source, 0, numbered(1))
    with pytest.raises(RuntimeError, match="no memory"):
        async with running(scene, fail) as stage:
            await stage.ended()
    assert await scene.committed() == 0
    assert await scene.read(scene.names.dead) == []
