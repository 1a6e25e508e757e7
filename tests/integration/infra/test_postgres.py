from collections.abc import Iterator

import psycopg
import pytest

from infra.local.postgres import Postgres
from tests.parts import RunningPart, new_postgres, part_folder, running_part

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[RunningPart]:
    with part_folder() as folder, running_part(new_postgres(folder / "postgres"), folder / "log") as running:
        yield running


def part(server: RunningPart) -> Postgres:
    assert isinstance(server.part, Postgres)
    return server.part


def test_what_was_committed_is_there_after_a_crash(server: RunningPart) -> None:
    with psycopg.connect(part(server).url("octroi")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.kill()
    assert not server.part.is_ready()
    server.part.prepare()
    server.start()
    with psycopg.connect(part(server).url("octroi")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_each_database_belongs_to_the_role(server: RunningPart) -> None:
    for database in ("octroi", "mlflow"):
        with psycopg.connect(part(server).url(database)) as connection:
            owner = connection.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
            ).fetchone()
        assert owner == ("octroi",)


def test_only_the_role_comes_in_and_only_with_its_password(server: RunningPart) -> None:
    url = part(server).url("octroi")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url, password="wrong")  # noqa: S106 - that is the point
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(url, user="postgres")


def test_the_password_is_for_its_owner_alone(server: RunningPart) -> None:
    assert (part(server).folder / "password").stat().st_mode & 0o077 == 0
