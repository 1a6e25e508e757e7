import asyncio
import json
import os
import stat
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.gateway.keys import main
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import Gateway
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import FatalError
from services.kit.key_file import KeyFileError, Role, digest, make_key, read_keys, write_keys
from services.kit.key_ring import CHECK_SECONDS, KeyRing

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def create(path: Path, *roles: str, note: str = "") -> None:
    arguments = [argument for role in roles for argument in ("--role", role)]
    assert main(["create", "--file", str(path), *arguments, "--note", note]) == 0


def test_a_key_is_shown_once_and_kept_as_its_hash(key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(key_file, "submit", "read", note="web")
    shown = capsys.readouterr().out.strip()
    (kept,) = json.loads(key_file.read_text())
    assert kept["hash"] == digest(shown)
    assert shown not in key_file.read_text()
    assert kept["roles"] == ["submit", "read"]
    assert kept["note"] == "web"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_keys_differ_and_have_256_bits() -> None:
    keys = {make_key(Role.READ, now=NOW)[0] for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key.removeprefix("octroi_")) == 43 for key in keys)


def test_the_first_key_is_made_once_and_written_to_its_own_file(key_file: Path) -> None:
    clear = key_file.with_name("api-key")
    first = ["first", "--file", str(key_file), "--into", str(clear), "--role", "submit", "--role", "read"]
    assert main(first) == 0
    (kept,) = read_keys(key_file)
    assert kept.hash == digest(clear.read_text())
    assert kept.roles == (Role.SUBMIT, Role.READ)
    assert stat.S_IMODE(clear.stat().st_mode) == 0o600
    key = clear.read_text()
    assert main(first) == 0
    assert read_keys(key_file) == (kept,)
    assert clear.read_text() == key


def test_a_role_that_there_is_not_is_told_with_those_there_are(
    key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["create", "--file", str(key_file), "--role", "reed"])
    message = capsys.readouterr().err.splitlines()[-1]
    assert "reed" in message
    assert all(role in message for role in Role)


def test_listing_shows_no_hash(key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(key_file, "operate", note="operator")
    capsys.readouterr()
    assert main(["list", "--file", str(key_file)]) == 0
    listed = capsys.readouterr().out
    (kept,) = read_keys(key_file)
    assert kept.id in listed
    assert "operator" in listed
    assert kept.hash not in listed


def test_revoking_removes_one_key(key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(key_file, "read")
    create(key_file, "read")
    first, second = read_keys(key_file)
    assert main(["revoke", "--file", str(key_file), "--id", first.id]) == 0
    assert read_keys(key_file) == (second,)
    assert main(["revoke", "--file", str(key_file), "--id", first.id]) == 1
    assert f"has no key {first.id}" in capsys.readouterr().err


def test_a_missing_file_says_how_to_make_one(key_file: Path) -> None:
    with pytest.raises(KeyFileError, match="make the first key with"):
        read_keys(key_file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "Invalid JSON"),
        ('[{"id": "a"}]', r"0\.hash: Field required"),
        ('[{"id": "a", "hash": "secret"}]', r"0\.hash: String should match"),
    ],
)
def test_a_broken_file_names_the_place_and_not_the_value(key_file: Path, content: str, said: str) -> None:
    key_file.write_text(content)
    with pytest.raises(KeyFileError, match=said) as caught:
        read_keys(key_file)
    assert "secret" not in str(caught.value)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_ring_takes_up_new_keys_and_drops_revoked_ones(key_file: Path) -> None:
    clock = Clock()
    old, kept_old = make_key(Role.READ, now=NOW)
    new, kept_new = make_key(Role.READ, now=NOW)
    write_keys(key_file, [kept_old])
    ring = KeyRing(key_file, clock=clock)
    assert ring.find(old) == kept_old
    assert ring.find(new) is None

    write_keys(key_file, [kept_old, kept_new])
    clock.now += CHECK_SECONDS
    assert (ring.find(old), ring.find(new)) == (kept_old, kept_new)

    write_keys(key_file, [kept_new])
    clock.now += CHECK_SECONDS
    assert (ring.find(old), ring.find(new)) == (None, kept_new)


@pytest.mark.parametrize("content", ["[", None])
def test_a_ring_keeps_its_keys_when_the_file_breaks(key_file: Path, content: str | None) -> None:
    clock = Clock()
    shown, kept = make_key(Role.READ, now=NOW)
    write_keys(key_file, [kept])
    ring = KeyRing(key_file, clock=clock)
    if content is None:
        key_file.unlink()
    else:
        key_file.write_text(content)
    clock.now += CHECK_SECONDS
    assert ring.find(shown) == kept


def test_a_ring_reads_again_what_it_could_not_read_though_the_file_looks_the_same(key_file: Path) -> None:
    clock = Clock()
    old, kept_old = make_key(Role.READ, now=NOW)
    new, kept_new = make_key(Role.READ, now=NOW)
    write_keys(key_file, [kept_new])
    content = key_file.read_bytes()
    write_keys(key_file, [kept_old])
    ring = KeyRing(key_file, clock=clock)

    key_file.write_bytes(b" " * len(content))
    unreadable = key_file.stat()
    clock.now += CHECK_SECONDS
    with capture_logs() as lines:
        assert ring.find(old) == kept_old
        clock.now += CHECK_SECONDS
        assert ring.find(old) == kept_old
    assert [line["event"] for line in lines] == ["keys_not_read"]

    # As when its owner is changed: the same file, as long and as old.
    key_file.write_bytes(content)
    os.utime(key_file, ns=(unreadable.st_atime_ns, unreadable.st_mtime_ns))
    clock.now += CHECK_SECONDS
    assert (ring.find(old), ring.find(new)) == (None, kept_new)


def test_a_ring_compares_every_key_in_constant_time(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_key(Role.READ, now=NOW) for _ in range(3)]
    write_keys(key_file, [kept for _, kept in made])
    ring = KeyRing(key_file, clock=Clock())
    compared: list[str] = []

    def counted(kept: str, shown: str) -> bool:
        compared.append(kept)
        return compare_digest(kept, shown)

    monkeypatch.setattr("services.kit.key_ring.hmac.compare_digest", counted)
    for shown in (made[0][0], "unknown"):
        compared.clear()
        ring.find(shown)
        assert compared == [kept.hash for _, kept in made]


async def test_without_keys_the_gateway_says_so_and_ends(key_file: Path) -> None:
    gateway = Gateway(
        settings=GatewaySettings(api_keys_file=key_file),
        database=DatabaseSettings(url=SecretStr("postgresql://octroi:none@127.0.0.1:1/octroi")),
    )
    with pytest.raises(FatalError, match="make the first key with"):
        await gateway.run(asyncio.Event())
