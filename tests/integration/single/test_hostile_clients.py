"""What no client sends by accident: a gateway that really runs says what is wrong and serves others."""

import gzip
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from services.contracts.trials import MOST_APPLICATIONS
from services.kit.key_file import Role, make_key, read_keys, write_keys
from tests.fuzz.asking import Interface
from tests.fuzz.scenes import gateway_interface
from tests.integration.ledger.migrating import new_database
from tests.parts import until

pytestmark = pytest.mark.postgres
ADDRESS = "/v1/applications"
SMALLEST = json.dumps(SMALLEST_APPLICATION)[1:-1]
DEEP = "[" * 100_000
PROBLEM = "application/problem+json"
GRANTED = 120
"""Requests of a key, within as many seconds."""


@pytest.fixture(scope="module")
def interface(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Interface]:
    folder: Path = tmp_path_factory.mktemp("single")
    with new_database(postgres_url, template) as url, gateway_interface(folder, url) as served:
        yield served


@pytest.fixture
def client(interface: Interface) -> Iterator[httpx.Client]:
    """A client; that others are served as before is looked at behind each test."""
    headers = {"X-API-Key": interface.key, "Content-Type": "application/json"}
    with httpx.Client(base_url=interface.address, headers=headers, timeout=60) as client:
        yield client
        answer = client.post(ADDRESS, content=body(), headers={"Prefer": "wait=30"})
        assert answer.status_code == 200, answer.text
        assert client.get("/health/ready").status_code == 200


def body(cells: str = "", **outside: str) -> bytes:
    """Return an application as JSON with these cells more, written as they stand."""
    inner = f"{SMALLEST}, {cells}" if cells else SMALLEST
    further = "".join(f', "{name}": {value}' for name, value in outside.items())
    return f'{{"application": {{{inner}}}{further}}}'.encode()


def refused(answer: httpx.Response, status: int = 422) -> str:
    """Return the fields at fault, or the detail where there are none."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == PROBLEM
    told = answer.json()
    return ", ".join(f"{error['field']}: {error['message']}" for error in told.get("errors", ())) or str(
        told["detail"]
    )


@pytest.mark.parametrize("path", [ADDRESS, f"{ADDRESS}:batch", f"{ADDRESS}:dry-run", "/v1/batches"])
def test_a_compressed_body_is_not_unpacked(client: httpx.Client, path: str) -> None:
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    media_type = "text/csv" if path == "/v1/batches" else "application/json"
    headers = {"Content-Encoding": "gzip", "Content-Type": media_type}
    answer = client.post(path, content=bomb, headers=headers)
    assert refused(answer, 415).startswith("Send the body as it is, without Content-Encoding")
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("nested", [DEEP, '{"a":' * 50_000, f'{{"application": {{"X": {DEEP}'])
@pytest.mark.parametrize("path", [ADDRESS, f"{ADDRESS}:batch", f"{ADDRESS}:dry-run"])
def test_deep_nesting_is_refused(client: httpx.Client, path: str, nested: str) -> None:
    assert "recursion limit" in refused(client.post(path, content=nested.encode()))


@pytest.mark.parametrize("dense", ['{"a":[]},', "[],", "1,", '{"a":1},', "[["])
@pytest.mark.parametrize(
    ("path", "before"), [(f"{ADDRESS}:batch", "["), (f"{ADDRESS}:dry-run", '{"applications": [')]
)
def test_what_would_fill_the_memory_is_refused_unread(
    client: httpx.Client, path: str, before: str, dense: str
) -> None:
    content = f'{before}{{"X": [{dense * (8_000_000 // len(dense))}'
    said = "The body would take more than 67108864 bytes of memory to read; send less at a time, and "
    assert refused(client.post(path, content=content.encode()), 413).startswith(said)


@pytest.mark.parametrize("dense", ['{"a":[]},', "[],", "1,", '{"a":1},'])
def test_further_fields_of_many_values_are_refused(client: httpx.Client, dense: str) -> None:
    content = body(f'"X": [{dense * (250_000 // len(dense))}0]')
    said = "X and the further fields before it hold more than 1000 values; leave some out"
    assert refused(client.post(ADDRESS, content=content)) == f"application: {said}"
    headers = {"Content-Type": "application/x-ndjson"}
    lines = client.post(
        f"{ADDRESS}:batch", content=content + b"\n" + body(), headers=headers
    ).text.splitlines()
    assert [json.loads(line)["status"] for line in lines] == [422, 202]


@pytest.mark.parametrize(
    ("line", "said"), [(b"1\n", "more than 1000"), (b"7\r\n", "more than 1000"), (b" \r\n", "none")]
)
def test_a_batch_of_a_million_lines_is_refused(client: httpx.Client, line: bytes, said: str) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = client.post(f"{ADDRESS}:batch", content=line * 1_000_000, headers=headers)
    assert refused(answer) == f"body: Has {said}"


@pytest.mark.parametrize("nested", ["[" * 150 + "]" * 150, '{"a":' * 150 + "1" + "}" * 150, "9" * 4_000])
def test_what_is_deep_or_long_and_allowed_comes_back(client: httpx.Client, nested: str) -> None:
    name = f"deep-{uuid4()}"
    content = body(f'"X": {nested}', application_id=f'"{name}"')
    answers = [client.post(ADDRESS, content=content, headers={"Prefer": "wait=30"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    shown = client.get(f"{ADDRESS}/{name}")
    assert nested in shown.text


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        ('"AMT_CREDIT": 1e400', "application.AMT_CREDIT: "),
        ('"AMT_CREDIT": -1e400', "application.AMT_CREDIT: "),
        ('"AMT_CREDIT": NaN', "application.AMT_CREDIT: "),
        ('"AMT_CREDIT": Infinity', "application.AMT_CREDIT: "),
        ('"EXT_SOURCE_2": -Infinity', "application.EXT_SOURCE_2: "),
        (f'"AMT_CREDIT": {"9" * 10_000}', "body: Invalid JSON: number out of range"),
        (f'"SK_ID_CURR": {"9" * 4_000}', "application.SK_ID_CURR: "),
        ('"X": NaN', "application: X must hold finite numbers"),
        ('"X": [{"a": 1e400}]', "application: X must hold finite numbers"),
        ('"OCCUPATION_TYPE": "\\ud800"', "body: Invalid JSON: "),
    ],
)
def test_numbers_and_texts_that_json_has_no_word_for_name_their_field(
    client: httpx.Client, cell: str, field: str
) -> None:
    answer = client.post(ADDRESS, content=body(cell))
    assert refused(answer).startswith(field)
    assert len(answer.content) < 2_000
    [result] = client.post(
        f"{ADDRESS}:batch", content=body(cell), headers={"Content-Type": "application/x-ndjson"}
    ).text.splitlines()
    assert json.loads(result)["status"] == 422


@pytest.mark.parametrize(
    "content", [b"\xff\xfe{}", b'{"application": {"X": "\xc0\xaf"}}', b"\xef\xbb\xbf{}", b"\x00"]
)
def test_what_is_no_utf_8_is_refused(client: httpx.Client, content: bytes) -> None:
    for path in (ADDRESS, f"{ADDRESS}:batch", f"{ADDRESS}:dry-run"):
        assert refused(client.post(path, content=content)).startswith("body: ")


def test_of_a_key_that_comes_twice_the_last_one_counts_everywhere(client: httpx.Client) -> None:
    content = body('"AMT_CREDIT": 654321.5', application_id='"twice"')
    answer = client.post(ADDRESS, content=content, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    shown = client.get(f"{ADDRESS}/twice")
    assert shown.json()["application"]["AMT_CREDIT"] == 654321.5
    assert shown.text.count("AMT_CREDIT") == 1
    asked = {"applications": [{**SMALLEST_APPLICATION, "AMT_CREDIT": 654321.5}]}
    [trial] = client.post(f"{ADDRESS}:dry-run", json=asked).json()["decisions"]
    assert trial["probability_of_default"] == answer.json()["decision"]["probability_of_default"]


def test_too_many_applications_are_too_many(client: httpx.Client) -> None:
    many = json.dumps({"applications": [SMALLEST_APPLICATION] * (MOST_APPLICATIONS + 1)})
    assert refused(client.post(f"{ADDRESS}:dry-run", content=many)).startswith("applications: ")
    lines = b"\n".join([body()] * 1_001)
    headers = {"Content-Type": "application/x-ndjson"}
    assert (
        refused(client.post(f"{ADDRESS}:batch", content=lines, headers=headers)) == "body: Has more than 1000"
    )


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "size", "limit"), [(ADDRESS, 300_000, 262_144), (f"{ADDRESS}:batch", 9_000_000, 8_388_608)]
)
def test_a_body_over_the_limit_names_it(
    client: httpx.Client, path: str, size: int, limit: int, chunked: bool
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(size // 1_000):
            yield b" " * 1_000

    answer = client.post(path, content=pieces() if chunked else b" " * size)
    assert str(limit) in refused(answer, 413)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("length", ["-1", "+5", "1e3", "99999999999999999999999", "5, 5"])
def test_a_length_that_is_none_is_refused(interface: Interface, length: str) -> None:
    head = f"POST {ADDRESS} HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n"
    assert raw(interface, head.encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.usefixtures("client")
def test_two_lengths_cannot_hide_a_request(interface: Interface) -> None:
    head = (
        f"POST {ADDRESS} HTTP/1.1\r\nHost: here\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    hidden = b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"
    answer = raw(interface, head.encode() + hidden)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.usefixtures("client")
def test_a_flood_of_headers_is_refused(interface: Interface) -> None:
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 100) for number in range(100_000))
    answer = raw(interface, b"GET /v1/applications HTTP/1.1\r\nHost: here\r\n" + flood)
    assert not answer or answer.startswith(b"HTTP/1.1 431 ")


def test_slow_clients_keep_nobody_out_and_are_let_go(interface: Interface, client: httpx.Client) -> None:
    head = f"POST {ADDRESS} HTTP/1.1\r\nHost: here\r\nX-API-Key: {interface.key}\r\n".encode()
    slow = [connected(interface) for _ in range(400)]
    for number, connection in enumerate(slow):
        connection.sendall(head + (b"Content-Length: 100\r\n\r\n{" if number % 2 else b"X-Slow: "))
    answer = client.post(ADDRESS, content=body(), headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    without_end = slow[::2]
    until(lambda: all(b" 408 " in connection.recv(100) for connection in without_end), "all to be let go", 60)
    for connection in slow:
        connection.close()


def test_who_asks_too_often_is_told_when_to_go_on_and_others_are_served(
    postgres_url: str, template: str, tmp_path: Path
) -> None:
    rate = {"OCTROI_GATEWAY_REQUESTS_PER_SECOND": "1", "OCTROI_GATEWAY_BURST_SECONDS": str(GRANTED)}
    with (
        new_database(postgres_url, template) as url,
        gateway_interface(tmp_path, url, **rate) as served,
        httpx.Client(base_url=served.address, timeout=60) as client,
    ):
        other, kept = make_key(Role.READ, now=datetime.now(UTC))
        write_keys(tmp_path / "keys", [*read_keys(tmp_path / "keys"), kept])
        mine, others = {"X-API-Key": served.key}, {"X-API-Key": other}
        until(lambda: client.get(ADDRESS, headers=others).status_code == 200, "the other key to be known")
        statuses = [client.get(ADDRESS, headers=mine).status_code for _ in range(GRANTED)]
        assert set(statuses) == {200}
        for answer in (client.get(ADDRESS, headers=mine), client.post(ADDRESS, headers=mine, content=body())):
            assert refused(answer, 429).startswith(f"This key's {GRANTED} requests are spent; go on in ")
            assert 1 <= int(answer.headers["Retry-After"]) <= GRANTED
            assert answer.headers["RateLimit"].startswith('"key";r=0;')
        assert client.get(ADDRESS, headers=others).status_code == 200
        assert client.get("/health/ready").status_code == 200


def connected(interface: Interface) -> socket.socket:
    host, _, port = interface.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def raw(interface: Interface, sent: bytes) -> bytes:
    """Send bytes and return all that comes back; nothing where the connection is cut before it is read."""
    with connected(interface) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except (BrokenPipeError, ConnectionResetError):
            return b""
