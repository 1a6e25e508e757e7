import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import repeat
from threading import Thread
from types import SimpleNamespace
from typing import cast

import pytest

from services.scorecard.table import Cells
from tests.chaos.load import Load
from tests.engine import RunningEngine


@contextmanager
def load_on_gateway(status: int, **answer: object) -> Iterator[Load]:
    """Give a load on a gateway that always answers this, where it is asked as it must be."""

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked = (self.path, self.headers["X-API-Key"], self.headers["Prefer"])
            self.send_response(status if asked == ("/v1/applications", "key", "wait=20") else 400)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        engine = SimpleNamespace(bootstrap="127.0.0.1:1", gateway=address, api_key="key")
        yield Load(cast("RunningEngine", engine), repeat(cast("Cells", {})), 1.0, "run")
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "answer", "is_answered", "acknowledged"),
    [
        (200, {"decision": {"outcome": "approved"}}, True, 1),
        (200, {}, False, 1),
        (202, {}, False, 1),
        (503, {}, False, 0),
    ],
)
def test_an_answer_is_a_decision_and_what_is_taken_is_judged_too(
    status: int, answer: dict[str, object], is_answered: bool, acknowledged: int
) -> None:
    with load_on_gateway(status, **answer) as load:
        assert load.is_answered() is is_answered
        assert len(load.acknowledged.since(0.0)) == acknowledged


def test_a_gateway_that_is_not_there_answers_nothing() -> None:
    with load_on_gateway(200) as load:
        pass
    assert not load.is_answered()
