import socket
from contextlib import suppress

import pytest

from tests.chaos.silence import can_drop, silent


def passes(port: int) -> bool:
    """Tell whether a connection comes about within half a second."""
    with suppress(TimeoutError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


@pytest.mark.skipif(not can_drop(), reason="dropping packets takes root and iptables")
def test_nothing_passes_and_everything_again_whatever_happens_meanwhile() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert passes(port)
        with suppress(KeyboardInterrupt), silent(port):
            assert not passes(port)
            raise KeyboardInterrupt
        assert passes(port)
