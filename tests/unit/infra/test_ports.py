import socket

import pytest

from infra.local.errors import WRONG_INPUT, LauncherError
from infra.local.ports import Port, is_taken, refuse_taken


def test_a_listener_takes_its_port_until_it_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        assert is_taken(number)
    assert not is_taken(number)


def test_a_listener_on_all_addresses_takes_the_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - the case at hand
        assert is_taken(server.getsockname()[1])


def test_each_taken_port_is_named_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        numbers = [server.getsockname()[1] for server in (one, two)]
        ports = [
            Port("gateway", numbers[0], "OCTROI_GATEWAY_PORT"),
            Port("Kafka", numbers[1], "OCTROI_KAFKA_PORT"),
        ]
        with pytest.raises(LauncherError) as refusal:
            refuse_taken(ports)
    assert refusal.value.exit_code == WRONG_INPUT
    assert str(refusal.value).splitlines() == [
        f"port {numbers[0]} (gateway) is taken by another program; stop it or set OCTROI_GATEWAY_PORT",
        f"port {numbers[1]} (Kafka) is taken by another program; stop it or set OCTROI_KAFKA_PORT",
    ]
