"""Whether a broker answers, asked without a client of Kafka."""

import socket
import struct
from contextlib import ExitStack
from ssl import SSLContext


def answers_requests(host: str, port: int, tls: SSLContext | None = None) -> bool:
    """Tell whether a broker answers ApiVersions (key 18, version 0, no client name) within 2 s.

    It does so before a client has logged in; over TLS where there is a context for it.
    """
    request = struct.pack(">ihhih", 10, 18, 0, 1, -1)
    try:
        with ExitStack() as connections:
            connection = connections.enter_context(socket.create_connection((host, port), timeout=2))
            if tls is not None:
                connection = connections.enter_context(tls.wrap_socket(connection, server_hostname=host))
            connection.sendall(request)
            return bool(connection.recv(1))
    except OSError:
        return False
