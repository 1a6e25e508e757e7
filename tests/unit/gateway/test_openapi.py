"""The OpenAPI document describes what the gateway does."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.unit.gateway.fakes import FakeGateway


@pytest.fixture
def document(gateway: FakeGateway) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(json.dumps(gateway.application.openapi()))
    return described


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        for child in node.values():
            yield from references(child)
    if isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    names = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert names <= set(schemas)
    assert {"Submission", "LoanApplication", "ApplicationResource", "Problem"} <= names
    assert len(schemas["LoanApplication"]["properties"]) == 121


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert names == [
        "submitApplication", "listApplications", "submitBatch", "dryRun",
        "findApplication", "followApplication",
        "submitFile", "listBatches", "cancelBatch", "findBatch", "batchResults", "batchErrors",
    ]  # fmt: skip
    for operation in operations(document):
        assert operation["tags"]
        assert len(operation["description"]) > 40
        assert [list(way) for way in operation["security"]] == [["apiKey"], ["bearer"]]
        assert {"401", "403", "429", "500", "503"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            assert response["description"]
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]


def test_examples_keep_their_schemas(document: dict[str, Any]) -> None:
    bodies = [operation.get("requestBody", {}).get("content", {}) for operation in operations(document)]
    answers = [
        response.get("content", {})
        for operation in operations(document)
        for response in operation["responses"].values()
    ]
    checked = 0
    for media_type, body in [pair for content in bodies + answers for pair in content.items()]:
        if "json" not in media_type or "ndjson" in media_type:
            continue
        examples = [each["value"] for each in body.get("examples", {}).values()]
        examples += [body["example"]] if "example" in body else []
        validator = Draft202012Validator({**body["schema"], "components": document["components"]})
        for example in examples:
            refused_on_purpose = isinstance(example, list) and "status" not in example[0]
            assert refused_on_purpose or not list(validator.iter_errors(example))
            checked += 1
    assert checked >= 10


async def test_answers_keep_their_schemas(
    gateway: FakeGateway, client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    gateway.answer_everything()
    described = document["paths"]["/v1/applications"]["post"]
    for body, wait, status in (("complete", 5, 200), ("smallest", 0, 202)):
        sent = described["requestBody"]["content"]["application/json"]["examples"][body]["value"]
        answer = await client.post("/v1/applications", json=sent, headers={"Prefer": f"wait={wait}"})
        assert answer.status_code == status
        schema = described["responses"][str(status)]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())
