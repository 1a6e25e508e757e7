"""No user may do another's work, and a service that lacks a right ends with a sentence that says so."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from json import dumps
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from infra.kafka.access import ACCESS
from infra.kafka.granting import grant
from infra.kafka.rights import Access
from services.contracts.examples import SMALLEST_APPLICATION
from services.contracts.topics import (
    APPLICATIONS,
    CATALOGUES,
    DEAD_LETTERS,
    DECISIONS,
    FEATURES,
    TOPICS,
    TRIAL_DECISIONS,
    TRIALS,
    Topic,
)
from services.kit.errors import FatalError
from services.kit.key_file import Role, make_key, write_keys
from services.kit.publisher import Publisher
from services.kit.records import Message
from services.kit.stream_settings import StreamSettings
from services.sample.files import write_sample
from services.scorecard.bundle import to_files
from services.scoring.cache import BundleCache
from tests.engine import free_port
from tests.integration.security.conftest import run
from tests.models import small_bundle
from tests.processes import running
from tests.secured import ADMINISTRATOR, SPARE, SecuredKafka

pytestmark = [pytest.mark.kafka]
SERVICES = ("gateway", "feature", "scoring", "ledger", "monitoring", "replay", "topics")


async def writable(kafka: SecuredKafka, user: str) -> set[str]:
    """Return the topics that take what the user writes."""
    found = set()
    async with AIOKafkaProducer(**kafka.settings(user).client()) as producer:
        for topic in TOPICS:
            with suppress(TopicAuthorizationFailedError):
                await producer.send_and_wait(topic.name, b"{}", key=b"tried", partition=0)
                found.add(topic.name)
    return found


async def readable(kafka: SecuredKafka, user: str) -> set[str]:
    """Return the topics whose records the user gets; each has one."""
    found = set()
    async with AIOKafkaConsumer(**kafka.settings(user).client(), auto_offset_reset="earliest") as consumer:
        # A topic that is not even told of would be waited for.
        for topic in await consumer.topics() & {topic.name for topic in TOPICS}:
            consumer.assign([TopicPartition(topic, 0)])
            with suppress(TopicAuthorizationFailedError):
                found.add((await consumer.getone()).topic)
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_a_user_reads_and_writes_what_its_work_takes_and_nothing_else(
    kafka: SecuredKafka, service: str
) -> None:
    access = ACCESS[service]
    user = f"octroi-{service}"
    assert await writable(kafka, ADMINISTRATOR) == {topic.name for topic in TOPICS}
    assert await writable(kafka, user) == {topic.name for topic in access.writes}
    assert await readable(kafka, user) == {topic.name for topic in access.reads}


async def test_nobody_joins_anothers_group_or_takes_its_transactions(kafka: SecuredKafka) -> None:
    feature = kafka.settings("octroi-feature").client()
    consumer = AIOKafkaConsumer(**feature, group_id="octroi-scoring")
    await consumer.start()
    with pytest.raises(GroupAuthorizationFailedError):
        await consumer.committed(TopicPartition(APPLICATIONS.name, 0))
    await consumer.stop()
    producer = AIOKafkaProducer(**feature, transactional_id="octroi-scoring.loan.features.v1.0")
    with pytest.raises(TransactionalIdAuthorizationFailed):
        await producer.start()
    await producer.stop()


def test_rights_are_no_more_than_the_work_of_each() -> None:
    """What the front and the back of the engine may do is told here once more, on purpose."""
    assert DECISIONS not in ACCESS["gateway"].writes
    assert {*ACCESS["feature"].writes} & {DECISIONS, TRIAL_DECISIONS} == set()
    assert [name for name, access in ACCESS.items() if DECISIONS in access.writes] == [
        "scoring",
        "monitoring",
    ]
    assert [name for name, access in ACCESS.items() if access.transactions] == ["feature", "scoring"]


def without(access: Access, *topics: Topic) -> Access:
    return replace(
        access,
        reads=[topic for topic in access.reads if topic not in topics],
        writes=[topic for topic in access.writes if topic not in topics],
    )


LACKING = {
    "feature-reads": ("feature", without(ACCESS["feature"], APPLICATIONS), APPLICATIONS.name),
    "feature-group": ("feature", replace(ACCESS["feature"], group=None), "octroi-feature"),
    "feature-transactions": (
        "feature",
        replace(ACCESS["feature"], transactions=False),
        "octroi-feature.loan",
    ),
    "feature-writes": ("feature", without(ACCESS["feature"], FEATURES), FEATURES.name),
    "feature-catalogues": ("feature", without(ACCESS["feature"], CATALOGUES), CATALOGUES.name),
    "scoring-writes": ("scoring", without(ACCESS["scoring"], DEAD_LETTERS), DEAD_LETTERS.name),
    "scoring-trials": ("scoring", without(ACCESS["scoring"], TRIALS), TRIALS.name),
    "scoring-catalogues": ("scoring", without(ACCESS["scoring"], CATALOGUES), CATALOGUES.name),
    "ledger-reads": ("ledger", without(ACCESS["ledger"], DECISIONS), DECISIONS.name),
    "ledger-group": ("ledger", replace(ACCESS["ledger"], group=None), "octroi-ledger"),
    "gateway-reads": ("gateway", without(ACCESS["gateway"], DECISIONS), DECISIONS.name),
}


async def give_work(kafka: SecuredKafka) -> None:
    """Let there be an application that can be read, and features that cannot."""
    stream = StreamSettings()
    boss = kafka.settings(ADMINISTRATOR)
    async with Publisher(boss, stream, within=stream.request_timeout) as publisher:
        event = {"application_id": "one", "application": SMALLEST_APPLICATION}
        await publisher.publish(Message(APPLICATIONS.name, b"one", dumps(event).encode()))
        await publisher.publish(Message(FEATURES.name, b"broken", b"no features"))


@pytest.mark.parametrize("lacking", LACKING)
async def test_a_service_that_lacks_a_right_ends_and_says_which(
    kafka: SecuredKafka, lacking: str, tmp_path: Path, database_url: str
) -> None:
    service, access, named = LACKING[lacking]
    user = f"{SPARE}-{list(LACKING).index(lacking)}"
    await grant(kafka.settings(ADMINISTRATOR), [(f"User:{user}", access)])
    await give_work(kafka)
    (tmp_path / "keys").write_text("[]")
    models = BundleCache(tmp_path / "models" / "octroi-scorecard")
    models.keep("1", to_files(small_bundle()))
    models.remember("champion", "1")
    environment = {
        **kafka.environment(user),
        "DATABASE_URL": database_url,
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}",
        "OCTROI_MODEL_CACHE": str(tmp_path / "models"),
        "OCTROI_API_KEYS_FILE": str(tmp_path / "keys"),
        "OCTROI_GATEWAY_PORT": "0",
    }
    with running(f"services.{service}", tmp_path, environment) as process:
        assert process.ended() == 1, process.said()
        [said] = [line for line in process.said().splitlines() if "Kafka forbids it" in line]
        assert named in said
        assert "python -m infra.kafka.access" in said


async def test_a_publisher_that_is_forbidden_to_write_says_so(kafka: SecuredKafka) -> None:
    stream = StreamSettings()
    async with Publisher(
        kafka.settings("octroi-gateway"), stream, within=stream.request_timeout
    ) as publisher:
        with pytest.raises(FatalError, match=r"Kafka forbids it: .*loan\.decisions\.v1"):
            await publisher.publish(Message(DECISIONS.name, b"own", b"{}"))


def test_a_gateway_that_may_not_write_refuses_the_application_and_ends(
    kafka: SecuredKafka, tmp_path: Path, database_url: str
) -> None:
    user = f"{SPARE}-{len(LACKING)}"
    reader = replace(ACCESS["gateway"], writes=(TRIALS,))
    asyncio.run(grant(kafka.settings(ADMINISTRATOR), [(f"User:{user}", reader)]))
    key, kept = make_key(Role.SUBMIT, now=datetime.now(UTC))
    write_keys(tmp_path / "keys", [kept])
    port = free_port()
    environment = {
        **kafka.environment(user),
        "DATABASE_URL": database_url,
        "OCTROI_API_KEYS_FILE": str(tmp_path / "keys"),
        "OCTROI_GATEWAY_PORT": str(port),
    }
    with running("services.gateway", tmp_path, environment) as process:
        process.ready(port)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/v1/applications",
            json={"application": SMALLEST_APPLICATION},
            headers={"X-API-Key": key},
            timeout=60,
        )
        assert answer.status_code == 503
        assert process.ended() == 1
        [said] = [line for line in process.said().splitlines() if "[critical" in line]
        assert f"Kafka forbids it: TopicAuthorizationFailedError('{APPLICATIONS.name}')" in said


def test_programs_for_a_person_say_it_too(kafka: SecuredKafka, tmp_path: Path) -> None:
    topics = run(kafka, "octroi-replay", "infra.kafka.topics")
    assert topics.returncode == 1
    assert "this takes the rights of topics" in topics.stderr
    sample = write_sample(tmp_path, 100, 1, 7)[1]
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    replay = run(kafka, "octroi-ledger", "services.replay", "--file", str(sample), DATABASE_URL=nowhere)
    assert replay.returncode == 2
    assert f"Kafka forbids it: TopicAuthorizationFailedError('{APPLICATIONS.name}')" in replay.stderr
