"""Real parts, one of each for all tests."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from infra.local.mlflow import Mlflow
from services.kit.client import adapt_client
from tests.engine import free_port
from tests.parts import NO_KAFKA, OwnKafka, new_kafka, new_postgres, part_folder, running_part

# The same examples in every run, on machines of any speed; `--hypothesis-profile=default` explores.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


class ByPart(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps tests that share a running part on one worker: a folder's, and all of the whole engine's."""

    def _split_scope(self, nodeid: str) -> str:
        _, kind, *rest = nodeid.partition("::")[0].split("/")
        deep = {"e2e": 0, "integration": 1}.get(kind, len(rest))
        return "/".join([kind, *rest[:deep]])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByPart:
    """Share tests out by what they run on; see `make test`."""
    return ByPart(config, log)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a test that failed at once: what many processes found is shown when all have ended."""
    if report.failed and hasattr(report, "node"):
        sys.stdout.write(f"\nFAILED {report.nodeid}\n")


@pytest.fixture(scope="session", autouse=True)
def _as_in_a_service() -> None:
    """Read and write Kafka as services do."""
    adapt_client()


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[OwnKafka]:
    """A broker that the test may kill and start again."""
    broker = new_kafka(tmp_path / "kafka")
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, tmp_path / "kafka.log") as running:
        yield OwnKafka(broker.bootstrap(), running)


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Addresses of the Kafka that the environment names, or of one started for all tests."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    folder = tmp_path_factory.mktemp("kafka")
    broker = new_kafka(folder)
    if broker is None:
        pytest.skip(NO_KAFKA)
    with running_part(broker, folder / "kafka.log"):
        yield broker.bootstrap()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a database whose role may make further ones: of the server that the environment names, or of one
    started for all tests."""
    given = os.environ.get("OCTROI_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with part_folder() as folder:
        server = new_postgres(folder / "postgres")
        with running_part(server, folder / "postgres.log"):
            yield server.url("octroi")


@pytest.fixture(scope="session")
def mlflow_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Tracking URI of an MLflow server that keeps its records in a file."""
    folder = tmp_path_factory.mktemp("mlflow")
    server = Mlflow(folder / "artifacts", free_port(), lambda: f"sqlite:///{folder}/mlflow.db")
    with running_part(server, folder / "mlflow.log"):
        yield server.url
