"""Texts that are markup, sent into a running engine by every way there is, and taken out again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.kit.mlflow_answers import API, ARTIFACTS
from tests.e2e.following import Outsider, query, wait_for
from tests.engine import RunningEngine

MARKUP = '"><img src=x onerror="pwned()">'
SHORT = "<img src=x onerror=pwned()>"
NAME, BROKEN = "injected-1", "injected-2"
WORDS = [
    name
    for name, told in LoanApplication.model_json_schema()["properties"].items()
    if {"type": "string", "maxLength": 64} in told.get("anyOf", ())
]
"""Cells that take any text."""
ALERT_ID = f"a-{SHORT}"
ALERT = """
INSERT INTO monitoring.alerts
    (alert_id, rule, subject, severity, summary, raised_at, cleared_at, event)
VALUES (%s, %s, %s, 'warning', %s, now(), CASE WHEN %s THEN now() END, '{}')
RETURNING 1
"""
FAULT = "UPDATE ledger.dead_letters SET error = %s, stage = %s WHERE application_id = %s RETURNING 1"


@contextmanager
def injected_into(engine: RunningEngine) -> Iterator[str]:
    """Send the texts, and give the id of the batch that they made."""
    cells = {**APPLICATION, **dict.fromkeys(WORDS, MARKUP), SHORT: MARKUP}
    batch_id = send(engine, {"application_id": NAME, "channel": SHORT, "application": cells})
    event = {"application_id": BROKEN, "channel": SHORT, "application": {**cells, "AMT_CREDIT": MARKUP}}
    Outsider(engine).send("loan.applications.v1", json.dumps(event).encode(), MARKUP.encode())
    dead = "SELECT count(*) FROM public.dead_letters WHERE application_id = %s"
    wait_for(lambda: query(engine, dead, BROKEN) == [(1,)], seconds=120, what="the dead letter")
    # What no stage and no rule writes itself, as if one had a fault.
    query(engine, FAULT, MARKUP, SHORT, BROKEN)
    query(engine, ALERT, f"{ALERT_ID}-cleared", SHORT, SHORT, MARKUP, True)
    # Of a rule that there is, as monitoring ends those of others.
    query(engine, ALERT, ALERT_ID, "dead-letters", SHORT, MARKUP, False)
    try:
        with marked_card(engine):
            yield batch_id
    finally:
        query(engine, "DELETE FROM monitoring.alerts WHERE subject = %s RETURNING 1", SHORT)
        query(engine, "DELETE FROM ledger.dead_letters WHERE error = %s RETURNING 1", MARKUP)


def send(engine: RunningEngine, application: object) -> str:
    """Hand in the application and a file, and return the batch's id when it is done."""
    headers = {"X-API-Key": engine.api_key, "Prefer": "wait=60"}
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=90) as client:
        answer = client.post("/v1/applications", json=application)
        assert answer.status_code == 200, answer.text
        file, csv = (
            f"AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n{SHORT},1,-9000\n96000,150000,-10950\n",
            "text/csv",
        )
        sent = client.post(
            "/v1/batches", params={"name": MARKUP}, content=file, headers={"Content-Type": csv}
        )
        assert sent.status_code == 202, sent.text
        address: str = sent.headers["Location"]
        wait_for(lambda: client.get(address).json()["state"] == "done", seconds=120, what="the batch")
    return address.rpartition("/")[2]


@contextmanager
def marked_card(engine: RunningEngine) -> Iterator[None]:
    """Put markup into the text and into a title of the champion's card, for as long as the block lasts."""
    with httpx.Client(base_url=engine.environment["MLFLOW_TRACKING_URI"], timeout=60) as mlflow:
        asked = {"name": "octroi-scorecard", "alias": "champion"}
        version = mlflow.get(f"{API}/registered-models/alias", params=asked).json()["model_version"]
        run = mlflow.get(f"{API}/runs/get", params={"run_id": version["run_id"]}).json()["run"]
        card = f"{ARTIFACTS}/{urlsplit(run['info']['artifact_uri']).path.strip('/')}/card/card.md"
        told = mlflow.get(card).raise_for_status().text
        opening, _, others = told.partition("\n## ")

        def keep(text: str, description: str) -> None:
            mlflow.put(card, content=text.encode()).raise_for_status()
            # The pages keep a card for good: by its description they take the version for another one.
            described = {"name": version["name"], "version": version["version"], "description": description}
            mlflow.patch(f"{API}/model-versions/update", json=described).raise_for_status()

        try:
            keep(f"{opening}\n\n{MARKUP}\n\n## {SHORT}\n\n{MARKUP}\n\n## {others}", SHORT)
            yield
        finally:
            keep(told, version.get("description", ""))
