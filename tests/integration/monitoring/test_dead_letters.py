"""Dead letters as an operator sees them, and sends them again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, OUTCOMES
from services.kit.database import Database
from services.kit.dead_letters import DeadLetterOffice
from services.kit.kafka_settings import KafkaSettings
from services.kit.records import Headers, Message, Partition, Record
from services.monitoring.champion import Champion
from services.monitoring.dead_letters import SHOWN
from tests.engine import free_port
from tests.integration.kit.scene import KafkaScene
from tests.integration.kit.topics import make_topics
from tests.integration.monitoring.interface import interface
from tests.integration.monitoring.ledger_rows import write_to_ledger
from tests.integration.monitoring.transactions import transaction
from tests.unit.ledger.records import dead_letter_record

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PARTITION = 1


@pytest.fixture
async def broker(kafka_bootstrap: str) -> KafkaScene:
    await make_topics(kafka_bootstrap, APPLICATIONS.name, OUTCOMES.name, DEAD_LETTERS.name)
    return KafkaScene(kafka_bootstrap)


@pytest.fixture
async def client(
    tmp_path: Path, database: Database, broker: KafkaScene, champion: Champion
) -> AsyncIterator[httpx.AsyncClient]:
    async with interface(tmp_path, database=database, kafka=broker.kafka, champion=champion) as client:
        yield client


def letter_of(
    origin: str, *, key: bytes | None, value: bytes | None, headers: Headers = (), stage: str = "ledger"
) -> Message:
    """Return a dead letter as a stage makes it of a record."""
    office = DeadLetterOffice(DEAD_LETTERS.name, stage, lambda: NOON)
    return office.letter(Record(Partition(origin, 0), 7, 0, key, value, headers), "cannot be read")


async def put(broker: KafkaScene, letter: Message) -> str:
    """Put a dead letter on its topic and return the address that it is sent again by."""
    marked = letter._replace(headers=(*letter.headers, ("octroi_test", uuid4().bytes)))
    await broker.send(DEAD_LETTERS.name, PARTITION, [marked])
    [offset] = [
        each.offset for each in await broker.read(DEAD_LETTERS.name) if each.headers == marked.headers
    ]
    return address(offset)


def address(offset: object, partition: object = PARTITION, topic: str = DEAD_LETTERS.name) -> str:
    return f"/v1/dead-letters/{topic}/{partition}/{offset}/replay"


async def test_dead_letters_are_listed_the_newest_first_with_stage_and_reason(
    client: httpx.AsyncClient, database_url: str
) -> None:
    ages = [3, 1, 2]
    records = [
        dead_letter_record(
            b"?",
            number,
            key=f"web-{number}".encode(),
            octroi_stage=b"feature" if number else b"scoring",
            octroi_error=f"reason {number}".encode(),
            octroi_failed_at=(NOON - timedelta(hours=age)).isoformat().encode(),
        )
        for number, age in enumerate(ages)
    ]
    await write_to_ledger(database_url, records)
    answer = await client.get("/v1/dead-letters")
    told = answer.json()["dead_letters"]
    assert [(each["offset"], each["stage"], each["error"], each["application_id"]) for each in told] == [
        (1, "feature", "reason 1", "web-1"),
        (2, "feature", "reason 2", "web-2"),
        (0, "scoring", "reason 0", "web-0"),
    ]
    assert told[0] == {
        "topic": DEAD_LETTERS.name,
        "partition": 1,
        "offset": 1,
        "application_id": "web-1",
        "stage": "feature",
        "error": "reason 1",
        "failed_at": "2026-03-31T11:00:00Z",
        "origin_topic": APPLICATIONS.name,
    }


async def test_of_many_dead_letters_the_newest_are_listed(
    client: httpx.AsyncClient, database_url: str
) -> None:
    moments = [(NOON + timedelta(seconds=number)).isoformat().encode() for number in range(SHOWN + 5)]
    records = [dead_letter_record(b"?", number, octroi_failed_at=at) for number, at in enumerate(moments)]
    await write_to_ledger(database_url, records)
    told = (await client.get("/v1/dead-letters")).json()["dead_letters"]
    assert [each["offset"] for each in told] == list(reversed(range(5, SHOWN + 5)))


@pytest.mark.parametrize("origin", [APPLICATIONS.name, OUTCOMES.name])
@pytest.mark.parametrize(
    ("key", "value"),
    [(b"\xff\x00 key", b'\xc3{"a": 1}  \r\n\x00'), (None, b"no key"), (b"no value", None), (b"", b"")],
)
async def test_a_dead_letter_is_sent_again_with_its_own_key_value_and_headers(
    client: httpx.AsyncClient, broker: KafkaScene, origin: str, key: bytes | None, value: bytes | None
) -> None:
    headers = (
        ("ce_id", b"\xfe\x00"),
        ("twice", b"1"),
        ("mark", uuid4().bytes),
        ("twice", b"2"),
        ("none", b""),
    )
    answer = await client.post(await put(broker, letter_of(origin, key=key, value=value, headers=headers)))
    assert (answer.status_code, answer.json()) == (200, {"sent_to": origin})
    sent = [record for record in await broker.read(origin) if record.headers == headers]
    assert [(record.key, record.value) for record in sent] == [(key, value)]


async def test_a_letter_without_key_and_value_is_not_sent(
    client: httpx.AsyncClient, broker: KafkaScene
) -> None:
    answer = await client.post(await put(broker, letter_of(APPLICATIONS.name, key=None, value=None)))
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("has neither key nor value: there is nothing to send")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (address(10**9), f"offset {10**9}: is not in partition 1 (any more)"),
        (address(2**70), f"offset {2**70}: is not in partition 1 (any more)"),
        (address(-1), "offset -1: is not in partition 1 (any more)"),
        (address(0, 99), "partition 99: is none of loan.dead-letters.v1"),
        (address(0, -1), "partition -1: is none of loan.dead-letters.v1"),
        (address(0, 2**70), f"partition {2**70}: is none of loan.dead-letters.v1"),
        (
            address(0, topic=APPLICATIONS.name),
            "loan.applications.v1: dead letters are in loan.dead-letters.v1",
        ),
    ],
)
async def test_a_dead_letter_that_is_not_there_is_told_in_a_sentence(
    client: httpx.AsyncClient, path: str, said: str
) -> None:
    answer = await client.post(path)
    assert (answer.status_code, answer.json()["detail"]) == (404, said)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("origin", ["", "somebody.elses.topic", DEAD_LETTERS.name])
async def test_a_letter_that_names_no_topic_of_the_engine_is_not_sent(
    client: httpx.AsyncClient, broker: KafkaScene, origin: str
) -> None:
    answer = await client.post(await put(broker, letter_of(origin, key=b"k", value=b"v")))
    assert answer.status_code == 404
    assert "names no topic of the engine that it came from" in answer.json()["detail"]


async def test_a_mark_of_kafkas_own_is_no_dead_letter(client: httpx.AsyncClient, broker: KafkaScene) -> None:
    letter = letter_of(APPLICATIONS.name, key=b"k", value=b"v")
    place = await transaction(broker.kafka, PARTITION, [letter])
    answer = await client.post(address(place))
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"offset {place}: is no record, but a mark of Kafka's own"


async def test_an_address_that_is_no_number_is_told_by_its_name(client: httpx.AsyncClient) -> None:
    answer = await client.post(address("first"))
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("offset: ")


async def test_without_the_key_of_an_operator_nothing_is_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post(address(0), headers={"X-API-Key": "guessed"})
    assert answer.status_code == 401


async def test_with_kafka_away_nothing_is_sent_and_the_cure_is_told(
    tmp_path: Path, database: Database, champion: Champion
) -> None:
    away = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    async with interface(tmp_path, database=database, kafka=away, champion=champion) as client:
        answer = await client.post(address(0))
    assert answer.status_code == 503
    assert answer.json()["detail"].endswith("try again in a moment")
