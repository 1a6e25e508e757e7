"""Applications that come in at the published port are decided and recorded."""

import asyncio
import json
import os
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.replay.rows import rows_of
from services.sample.files import write_sample
from tests.compose.project import Project
from tests.e2e.following import Outsider, wait_for

pytestmark = pytest.mark.compose

APPLICATIONS = 1000
CONNECTIONS = 16


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Rows of the real table where OCTROI_DATA names it, of a sample elsewhere."""
    given = os.environ.get("OCTROI_DATA")
    if given:
        file = Path(given) / "application_test.csv"
    else:
        _, file = write_sample(tmp_path_factory.mktemp("sample"), 100, APPLICATIONS, seed=11)
    return list(islice(rows_of(file), APPLICATIONS))


async def hand_in(project: Project, run: str, applications: list[dict[str, Any]]) -> list[int]:
    """Post each application under an id of its own and return the answers' status codes."""
    limits = httpx.Limits(max_connections=CONNECTIONS)
    headers = {"X-API-Key": project.api_key}
    async with httpx.AsyncClient(
        base_url=project.gateway, headers=headers, limits=limits, timeout=60
    ) as client:
        bodies = (
            {"application_id": f"{run}-{number}", "application": application}
            for number, application in enumerate(applications)
        )
        answers = await asyncio.gather(*(client.post("/v1/applications", json=body) for body in bodies))
    return [answer.status_code for answer in answers]


def test_a_thousand_applications_are_decided_once_and_recorded(
    project: Project, applications: list[dict[str, Any]]
) -> None:
    run = f"rest-{uuid4().hex[:8]}"
    statuses = asyncio.run(hand_in(project, run, applications))
    assert statuses == [httpx.codes.ACCEPTED] * APPLICATIONS
    wait_for(lambda: project.decided(run) == APPLICATIONS, seconds=120, what="decisions in PostgreSQL")
    decisions = Outsider(project).values("loan.decisions.v1")
    ids = [decision["application_id"] for decision in decisions]
    ours = [each for each in ids if each.startswith(run)]
    assert sorted(ours) == sorted(f"{run}-{number}" for number in range(APPLICATIONS))


def test_the_decision_is_the_answer_to_who_waits_for_it(
    project: Project, applications: list[dict[str, Any]]
) -> None:
    answer = httpx.post(
        f"{project.gateway}/v1/applications",
        headers={"X-API-Key": project.api_key, "Prefer": "wait=20"},
        json={"application": applications[0]},
        timeout=60,
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["decision"]["model"]["version"] == project.champion()


@pytest.mark.parametrize("packing", ["gzip", "snappy", "lz4", "zstd"])
def test_applications_on_the_topic_are_decided_however_they_are_packed(
    project: Project, applications: list[dict[str, Any]], packing: str
) -> None:
    run = f"{packing}-{uuid4().hex[:8]}"
    events = [{"application_id": f"{run}-{n}", "application": row} for n, row in enumerate(applications[:50])]
    Outsider(project, packing).send("loan.applications.v1", *(json.dumps(event).encode() for event in events))
    wait_for(lambda: project.decided(run) == len(events), seconds=60, what="decisions in PostgreSQL")
