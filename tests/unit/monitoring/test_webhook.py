import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from services.kit.environment import SettingsError, read
from services.kit.errors import UnavailableError
from services.monitoring.webhook import Webhook, WebhookRefusedError
from services.monitoring.webhook_settings import WebhookSettings
from tests.engine import free_port
from tests.unit.monitoring.alert_examples import waiting
from tests.unit.monitoring.receiver import SECRET, Receiver, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def webhook(client: httpx.AsyncClient, url: str, **settings: object) -> Webhook:
    quick = {"retry_first": timedelta(milliseconds=1), "retry_longest": timedelta(milliseconds=4)}
    given = {"url": SecretStr(url), "secret": SecretStr(SECRET), **quick, **settings}
    return Webhook(client, WebhookSettings.model_validate(given))


async def test_an_alert_arrives_signed(receiver: Receiver, client: httpx.AsyncClient) -> None:
    hook = webhook(client, receiver.url)
    await hook.send(waiting("raised"), asyncio.Event())
    await hook.send(waiting("cleared"), asyncio.Event())
    raised, cleared = receiver.taken
    assert raised == {
        "alert_id": "a-1",
        "notice": "raised",
        "rule": "feature-drift",
        "subject": "AMT_CREDIT",
        "severity": "warning",
        "summary": "AMT_CREDIT is 0.21 away — look",
        "value": 0.21,
        "threshold": 0.1,
        "raised_at": "2026-04-01T00:00:00+00:00",
        "cleared_at": None,
    }
    assert (cleared["notice"], cleared["value"]) == ("cleared", 0.04)
    assert cleared["cleared_at"] == "2026-04-01T00:01:30+00:00"


async def test_a_receiver_refuses_what_was_changed_on_the_way_or_kept(
    receiver: Receiver, client: httpx.AsyncClient
) -> None:
    await webhook(client, receiver.url).send(waiting(), asyncio.Event())
    [(timestamp, body, signature)] = receiver.requests
    assert receiver.genuine(timestamp, body, signature)
    assert not receiver.genuine(timestamp, body.replace(b"0.21", b"0.01"), signature)
    assert not receiver.genuine(str(int(timestamp) - 301), body, signature)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_receiver_that_cannot_answer_now_is_asked_again(
    receiver: Receiver, client: httpx.AsyncClient, status: int
) -> None:
    receiver.answers = [status] * 4
    await webhook(client, receiver.url).send(waiting(), asyncio.Event())
    assert len(receiver.requests) == 5
    assert len({body for _, body, _ in receiver.requests}) == 1
    assert len(receiver.taken) == 1


async def test_a_receiver_that_does_not_answer_is_asked_again(
    receiver: Receiver, client: httpx.AsyncClient
) -> None:
    receiver.answers = [0, 0]
    hook = webhook(client, receiver.url, answer_within=timedelta(seconds=2))
    await hook.send(waiting(), asyncio.Event())
    assert (len(receiver.requests), len(receiver.taken)) == (3, 1)


async def test_a_receiver_that_is_away_is_given_up_in_the_end(client: httpx.AsyncClient) -> None:
    hook = webhook(client, f"http://127.0.0.1:{free_port()}/", within=timedelta(milliseconds=50))
    with pytest.raises(UnavailableError, match="has not taken a notice in time: ConnectError"):
        await hook.send(waiting(), asyncio.Event())


@pytest.mark.parametrize("status", [302, 400, 401, 404])
async def test_a_refusal_is_not_tried_again_and_keeps_the_address_secret(
    receiver: Receiver, client: httpx.AsyncClient, status: int
) -> None:
    receiver.answers = [status]
    with pytest.raises(WebhookRefusedError, match=f"answers {status}: look at OCTROI_WEBHOOK_URL") as caught:
        await webhook(client, receiver.url).send(waiting(), asyncio.Event())
    assert len(receiver.requests) == 1
    assert "t-0" not in str(caught.value)


async def test_another_secret_is_refused(receiver: Receiver, client: httpx.AsyncClient) -> None:
    with pytest.raises(WebhookRefusedError, match="401"):
        await webhook(client, receiver.url, secret=SecretStr("t" * 32)).send(waiting(), asyncio.Event())


async def test_a_stop_ends_the_pause_between_two_tries(receiver: Receiver, client: httpx.AsyncClient) -> None:
    receiver.answers = [500]
    stop, hours = asyncio.Event(), timedelta(hours=1)
    hook = webhook(client, receiver.url, retry_first=hours, within=2 * hours)
    sending = asyncio.create_task(hook.send(waiting(), stop))
    await asyncio.to_thread(receiver.asked.wait)
    stop.set()
    with pytest.raises(UnavailableError, match="at the stop: it answers 500"):
        await sending


def test_without_an_address_there_is_no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(WebhookSettings).url is None
    with pytest.raises(ValueError, match="no webhook without"):
        Webhook(httpx.AsyncClient(), WebhookSettings())
    monkeypatch.setenv("OCTROI_WEBHOOK_URL", "https://example.org/token-0")
    with pytest.raises(SettingsError, match=r"^OCTROI_WEBHOOK_SECRET: .*32 characters or more"):
        read(WebhookSettings)
    monkeypatch.setenv("OCTROI_WEBHOOK_SECRET", SECRET)
    assert read(WebhookSettings).url == SecretStr("https://example.org/token-0")
    monkeypatch.setenv("OCTROI_WEBHOOK_URL", "example.org/token-0")
    with pytest.raises(SettingsError, match=r"^OCTROI_WEBHOOK_URL: .*such as https") as caught:
        read(WebhookSettings)
    assert "token-0" not in str(caught.value)
