"""Ports that the engine listens on, checked before anything starts."""

import errno
import http.client
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from infra.local.errors import wrong_input

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Port:
    """A port, the program that will listen on it and the environment variable that moves it."""

    program: str
    number: int
    setting: str


def address(number: int) -> str:
    """Return the URL of a port of 127.0.0.1."""
    return f"http://{HOST}:{number}"


def is_taken(number: int) -> bool:
    """Tell whether some program listens on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of a run that just ended are no obstacle; a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise wrong_input(f"port {number} cannot be used here: {error.strerror}") from error
    return False


def refuse_taken(ports: Iterable[Port]) -> None:
    """Raise LauncherError naming each taken port and the variable that moves it."""
    sentences = [
        f"port {port.number} ({port.program}) is taken by another program; stop it or set {port.setting}"
        for port in ports
        if is_taken(port.number)
    ]
    if sentences:
        raise wrong_input("\n".join(sentences))


def http_status(port: int, path: str) -> int | None:
    """Return the status of GET path on this port of 127.0.0.1, or None where nothing answers in 2 s."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
