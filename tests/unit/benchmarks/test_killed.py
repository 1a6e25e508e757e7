from collections.abc import Iterator

import httpx
import pytest

from tests.benchmarks import killed
from tests.benchmarks.traffic import Traffic


def test_only_a_decision_says_that_a_stage_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: Iterator[int] = iter((503, 202, 200, 200))

    def post(url: str, **_: object) -> httpx.Response:
        assert url == "http://gateway/v1/applications"
        return httpx.Response(next(statuses))

    monkeypatch.setattr(httpx, "post", post)
    killed.decided_at("http://gateway", Traffic("/v1/applications", [b"{}"]))
    assert list(statuses) == [200]
