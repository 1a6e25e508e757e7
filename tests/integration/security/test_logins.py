"""Who Kafka does not let in is told which setting is wrong, by every program, and the program ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr

from infra.local.brokers import ExternalKafka
from infra.local.errors import LauncherError
from infra.local.ports import HOST
from services.contracts.topics import DECISIONS
from services.kit.login import LoginError, demand_entry
from tests.certificates import authority, issued
from tests.integration.security.conftest import run
from tests.parts import part_folder
from tests.processes import running
from tests.secured import SecuredKafka

pytestmark = [pytest.mark.kafka]
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
    "OCTROI_GATEWAY_PORT": "0",
}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "keys").write_text("[]")
    return tmp_path / "keys"


@pytest.mark.parametrize(
    "module",
    [
        "services.feature",
        "services.scoring",
        "services.ledger",
        "services.monitoring",
        "services.gateway",
        "infra.kafka.topics",
    ],
)
def test_a_wrong_password_ends_every_program(
    kafka: SecuredKafka, module: str, tmp_path: Path, keys: Path
) -> None:
    user = f"octroi-{module.rsplit('.', 1)[-1]}"
    wrong = {
        **kafka.environment(user),
        **NOWHERE,
        "KAFKA_SASL_PASSWORD": "a guess",
        "OCTROI_API_KEYS_FILE": str(keys),
        "OCTROI_MODEL_CACHE": str(tmp_path / "models"),
    }
    with running(module, tmp_path, wrong) as process:
        assert process.ended() == 2
        refused = f"KAFKA_SASL_PASSWORD: Kafka at {kafka.bootstrap()} refuses the login of {user} by SCRAM"
        assert refused in process.said()
        assert "a guess" not in process.said()
        assert "Traceback" not in process.said()


def test_so_do_the_launcher_and_the_program_of_rights(
    kafka: SecuredKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = kafka.settings("octroi-topics", sasl_password=SecretStr("a guess"))
    with pytest.raises(LauncherError, match=r"^KAFKA_SASL_PASSWORD: "):
        ExternalKafka(kafka.bootstrap(), guess).prepare()
    monkeypatch.setitem(kafka.passwords, "octroi-topics", "a guess")
    ended = run(kafka, "octroi-topics", "infra.kafka.access", "--grant")
    assert ended.returncode == 2
    assert ended.stderr.startswith("no rights given: KAFKA_SASL_PASSWORD: ")


def test_the_launcher_finds_a_secured_cluster(kafka: SecuredKafka) -> None:
    cluster = ExternalKafka(kafka.bootstrap(), kafka.settings("octroi-topics"))
    cluster.prepare()
    assert cluster.is_ready()


async def test_each_setting_is_told_by_its_name(kafka: SecuredKafka, tmp_path: Path) -> None:
    other, _ = authority("Somebody else").written(tmp_path, "other")
    _, port = kafka.bootstrap().split(":")
    for wrong, told in (
        ({"ssl_ca_file": other}, "^KAFKA_SSL_CA_FILE: the certificate of .* is not trusted"),
        ({"sasl_mechanism": "PLAIN"}, "^KAFKA_SASL_MECHANISM: .* takes no logins by PLAIN"),
        ({"bootstrap_servers": f"localhost:{port}"}, "^KAFKA_BOOTSTRAP_SERVERS: .*localhost"),
    ):
        with pytest.raises(LoginError, match=told):
            await demand_entry(kafka.settings("octroi-ledger", **wrong))
    await demand_entry(kafka.settings("octroi-ledger"))


async def test_who_is_refused_leaves_no_connection_open(kafka: SecuredKafka) -> None:
    farewell = asyncio.Event()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kafka_reader, kafka_writer = await asyncio.open_connection(HOST, kafka.port)
        with closing(writer), closing(kafka_writer):
            asked = asyncio.create_task(_pass_all(reader, kafka_writer))
            async for record in _tls_records(kafka_reader):
                # As far apart as from a busy broker: whoever waits for nothing is gone before the last.
                for _ in range(100):
                    await asyncio.sleep(0)
                writer.write(record)
            farewell.set()
            await asked

    async with await asyncio.start_server(pass_on, HOST, 0) as server:
        here = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        guess = kafka.settings("octroi-ledger", bootstrap_servers=here, sasl_password=SecretStr("a guess"))
        with pytest.raises(LoginError, match=r"^KAFKA_SASL_PASSWORD: "):
            await demand_entry(guess)
        assert farewell.is_set()


async def _pass_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


async def _tls_records(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Give each record as it comes: five bytes, the last two of which tell the length of what follows."""
    while not reader.at_eof():
        with suppress(asyncio.IncompleteReadError):
            head = await reader.readexactly(5)
            yield head + await reader.readexactly(int.from_bytes(head[3:]))


async def test_a_certificate_can_be_the_login(kafka: SecuredKafka) -> None:
    with part_folder() as folder:
        certificate, key = issued(kafka.issuer, "octroi-ledger").written(folder, "octroi-ledger")
        settings = kafka.settings(
            "octroi-ledger",
            bootstrap_servers=f"127.0.0.1:{kafka.mutual_port}",
            security_protocol="SSL",
            ssl_certificate_file=certificate,
            ssl_key_file=key,
        )
        async with AIOKafkaConsumer(**settings.client()) as consumer:
            # What a ledger may see, and nothing else.
            assert DECISIONS.name in await consumer.topics()
            assert "loan.features.v1" not in await consumer.topics()
