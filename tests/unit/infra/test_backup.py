from operator import attrgetter

import pytest
from aiokafka import TopicPartition

from infra.backup.batches import Part, part_of
from infra.backup.databases import LIMITS, variables
from infra.backup.groups import begins
from infra.backup.settings import BackupSettings
from services.gateway.batch_part import application_id, new_batch_id
from services.kit.environment import SettingsError, read

ADDRESS = "postgresql://octroi:secret@one/octroi"


def test_a_group_begins_where_it_was_and_at_the_beginning_where_it_had_read_nothing() -> None:
    now = {"ledger": [("applications", 0, 10), ("outcomes", 0, 5)], "monitoring": []}
    then = {"ledger": [("applications", 0, 3), ("decisions", 1, 7)], "monitoring": []}
    applications, outcomes, decisions = (
        TopicPartition("applications", 0),
        TopicPartition("outcomes", 0),
        TopicPartition("decisions", 1),
    )
    assert begins(now, then) == {
        "ledger": {applications: 3, outcomes: 0, decisions: 7},
        "monitoring": {},
    }
    assert begins(now, {}) == {"ledger": {applications: 0, outcomes: 0}, "monitoring": {}}


def test_programs_are_told_all_of_an_address() -> None:
    told = variables(
        "postgresql://octroi:p%40ss@one,two:5433/octroi?hostaddr=10.0.0.1,10.0.0.2&sslmode=verify-full"
        "&sslrootcert=/ca.pem&sslcert=/me.pem&sslkey=/me.key&passfile=/pass&channel_binding=require"
        "&connect_timeout=3&load_balance_hosts=random&options=-csearch_path%3Dours"
    )
    assert told == {
        "PGUSER": "octroi",
        "PGPASSWORD": "p@ss",
        "PGHOST": "one,two",
        "PGPORT": ",5433",
        "PGDATABASE": "octroi",
        "PGHOSTADDR": "10.0.0.1,10.0.0.2",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca.pem",
        "PGSSLCERT": "/me.pem",
        "PGSSLKEY": "/me.key",
        "PGPASSFILE": "/pass",
        "PGCHANNELBINDING": "require",
        "PGCONNECT_TIMEOUT": "3",
        "PGLOADBALANCEHOSTS": "random",
        "PGOPTIONS": f"-csearch_path=ours {LIMITS}",
    }


@pytest.mark.parametrize("variable", ["DATABASE_URL", "MLFLOW_DATABASE_URL"])
@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("?sslpassword=hidden&keepalives=1", "has keepalives, sslpassword, for which pg_dump has no "),
        ("?service=other", "has service, for which pg_dump has no variable: leave it out for a backup"),
        ("?nonsense=hidden", "must be postgresql://user:password@host:port/database: "),
    ],
)
def test_what_programs_cannot_be_told_is_refused_by_its_name(
    variable: str, added: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "MLFLOW_DATABASE_URL"):
        monkeypatch.setenv(name, ADDRESS + added if name == variable else ADDRESS)
    monkeypatch.setenv("MLFLOW_ARTIFACTS", "/artefacts")
    with pytest.raises(SettingsError) as refused:
        read(BackupSettings)
    [line] = str(refused.value).splitlines()
    assert line.startswith(f"{variable}: Value error, {told}")
    assert "secret" not in line
    assert "hidden" not in line


def test_a_row_is_found_in_its_part_and_other_ids_in_none() -> None:
    ids = sorted(new_batch_id() for _ in range(2))
    parts = [
        Part(application_id(batch_id, first), application_id(batch_id, last), batch_id, number)
        for batch_id in ids
        for number, (first, last) in enumerate([(1, 500), (501, 620)])
    ]
    assert parts == sorted(parts, key=attrgetter("first_id"))
    for part in parts:
        assert part_of(part.first_id, parts) == part_of(part.last_id, parts) == part
        assert part_of(part.first_id + "0", parts) is None
    assert part_of(application_id(ids[0], 501), parts) == parts[1]
    assert part_of(application_id(ids[0], 621), parts) is None
    assert part_of(application_id(ids[1], 0), parts) is None
    assert part_of("a-0", parts) is None
    assert part_of("z-0", parts) is None
    assert part_of("", []) is None
