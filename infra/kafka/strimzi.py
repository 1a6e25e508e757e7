"""Topics and users as Strimzi's resources: `python -m infra.kafka.strimzi`, part of `make contracts`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from infra.kafka.access import ACCESS
from infra.kafka.rights import Access, Kind, Operation, Right
from infra.kafka.topics import in_sync
from services.contracts.topics import TOPICS, Topic

FOLDER: Final = Path("infra/kubernetes/base")
API: Final = "kafka.strimzi.io/v1"
CLUSTER: Final[Mapping[str, str]] = {"strimzi.io/cluster": "octroi"}
PARTITIONS: Final = 6
"""The most processes of a stage that share its work; scaling.yaml goes no further."""
COPIES: Final = 3
"""One broker may be lost."""
MADE: Final = "# Made by `make contracts` of what the code says; change it there.\n"
TYPES: Final = {Kind.TOPIC: "topic", Kind.GROUP: "group", Kind.TRANSACTIONAL_ID: "transactionalId"}
SCALING: Final = Access(
    reads=(),
    watches=tuple(access.group for access in ACCESS.values() if access.group),
    describes=TOPICS,
)
"""KEDA measures the lag."""


def documents() -> Mapping[str, str]:
    """Return the text of each file."""
    users = {name: access for name, access in ACCESS.items() if not access.makes}
    return {
        "topics.yaml": MADE + _text(map(_topic, TOPICS)),
        "users.yaml": MADE
        + _text(_user(name, access) for name, access in (*users.items(), ("scaling", SCALING))),
    }


def _text(resources: Iterator[dict[str, Any]]) -> str:
    return "---\n".join(yaml.safe_dump(each, sort_keys=False, width=120) for each in resources)


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaTopic",
        "metadata": {"name": topic.name, "labels": dict(CLUSTER)},
        "spec": {
            "partitions": 1 if topic.single_partition else PARTITIONS,
            "replicas": COPIES,
            "config": {**topic.configuration(), "min.insync.replicas": str(in_sync(COPIES))},
        },
    }


def _user(name: str, access: Access) -> dict[str, Any]:
    """Return a user; Strimzi keeps its password in a secret of the same name."""
    grouped: dict[tuple[Kind, str, bool], list[Operation]] = {}
    for right in access.rights():
        grouped.setdefault((right.kind, right.name, right.prefixed), []).append(right.operation)
    return {
        "apiVersion": API,
        "kind": "KafkaUser",
        "metadata": {"name": f"octroi-{name}", "labels": dict(CLUSTER)},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {
                "type": "simple",
                "acls": [
                    _entry(Right(kind, title, operations[0], prefixed), operations)
                    for (kind, title, prefixed), operations in grouped.items()
                ],
            },
        },
    }


def _entry(right: Right, operations: list[Operation]) -> dict[str, Any]:
    return {
        "resource": {
            "type": TYPES[right.kind],
            "name": right.name,
            "patternType": "prefix" if right.prefixed else "literal",
        },
        "operations": [operation.word for operation in operations],
    }


if __name__ == "__main__":
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
