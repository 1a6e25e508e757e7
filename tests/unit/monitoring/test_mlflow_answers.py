"""What stands where MLflow should may answer anything: none of it fills memory or ends the service."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from services.kit.errors import UnavailableError
from services.monitoring.mlflow_answers import LARGEST_PAGE, PageError
from services.monitoring.report_pages import Kept, ReportPages
from services.monitoring.report_result import ReportResult

NESTED = "[" * 100_000
RESULT = ReportResult(rows=1, reference_rows=1, threshold=0.1, compared=(), set_aside=(), untested="few")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> ReportPages:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://registry")
    return ReportPages(client)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_page_larger_than_any_is_refused(packed: bool) -> None:
    page = bytes(LARGEST_PAGE + 1)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    answer = httpx.Response(200, content=gzip.compress(page) if packed else page, headers=headers)
    with pytest.raises(PageError, match=f"1/report.html has more than {LARGEST_PAGE} bytes"):
        await answering(lambda _: answer).read("1/report.html")


async def test_the_largest_page_is_read() -> None:
    page = bytes(LARGEST_PAGE)
    assert await answering(lambda _: httpx.Response(200, content=page)).read("1/report.html") == page


async def test_a_page_that_could_not_be_read_again_is_not_kept() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(PageError, match=f"has {LARGEST_PAGE + 1} bytes, at most {LARGEST_PAGE} are shown"):
        await answering(refuse).keep("a", "7", RESULT, bytes(LARGEST_PAGE + 1), NOW)


async def test_an_answer_that_is_not_packed_as_it_says_is_no_page() -> None:
    headers = {"Content-Encoding": "gzip"}
    broken = httpx.Response(200, stream=httpx.ByteStream(b"not packed"), headers=headers)
    with pytest.raises(PageError, match="cannot be read"):
        await answering(lambda _: broken).read("1/report.html")


@pytest.mark.parametrize("artifact", ["\0", "a" * 70_000, "1/\n"])
async def test_an_artifact_that_no_address_names_is_no_page(artifact: str) -> None:
    with pytest.raises(PageError, match="cannot be read"):
        await answering(lambda _: httpx.Response(404)).read(artifact)


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_that_is_at_fault_is_away(status: int) -> None:
    with pytest.raises(UnavailableError, match=f"MLflow answers {status} to .*report.html: busy"):
        await answering(lambda _: httpx.Response(status, text="busy")).read("1/report.html")


@pytest.mark.parametrize(
    "told",
    [
        *("", "{", "[]", "{}", "1", NESTED, '{"experiment": []}', '{"experiment": {"experiment_id": "1"}}'),
        '{"experiment": {"experiment_id": "1"}, "run": {"info": {"run_id": "1", "artifact_uri": 1}}}',
        '{"experiment": {"experiment_id": "1"}, "run": {"info": {"run_id": "1", "artifact_uri": "a://["}}}',
    ],
    ids=lambda told: told[:90],
)
async def test_what_mlflow_would_not_say_keeps_no_page(told: str) -> None:
    with pytest.raises(PageError, match="does not answer as MLflow does: look at MLFLOW_TRACKING_URI"):
        await answering(lambda _: httpx.Response(200, text=told)).keep("a", "7", RESULT, b"<html>", NOW)


async def test_a_page_that_is_gone_is_dropped_and_one_that_is_refused_is_told() -> None:
    kept = Kept("1", "1/report.html")
    await answering(lambda _: httpx.Response(404)).drop(kept)
    with pytest.raises(PageError, match="MLflow answers 403: no"):
        await answering(lambda _: httpx.Response(403, text="no")).drop(kept)
