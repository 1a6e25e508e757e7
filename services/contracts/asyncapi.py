"""The AsyncAPI 3.0 document: all that another system needs to send applications and to read decisions.

It is written from that system's side: it sends what the engine reads.
"""

from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Final

from services.contracts.application import LoanApplication
from services.contracts.codec import LARGEST_EVENT
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.messages import KAFKA_BINDING, message_names, messages
from services.contracts.schemas import JsonObject, shared_definitions
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, LARGEST_RECORD, TOPICS, Topic

DOCUMENT_VERSION: Final = "1.1.0"
"""Raised with every change of the contracts: the last number for words, the middle one for additions."""
OPERATIONS: Final = {
    "loan.applications.v1": ("submitApplication", "Ask for a decision."),
    "loan.features.v1": ("receiveFeatures", "Read feature vectors."),
    "loan.decisions.v1": ("receiveDecision", "Read decisions, those of other systems' applications too."),
    "loan.outcomes.v1": ("reportOutcome", "Say what a loan did, under the application_id it was asked with."),
    "loan.alerts.v1": ("receiveAlert", "Read what operators must know."),
    "loan.catalogues.v1": ("receiveCatalogue", "Read what the positions of a feature vector mean."),
    "loan.dead-letters.v1": ("receiveDeadLetter", "Read what could not be read, and why."),
    "loan.trials.v1": ("receiveTrial", "Read what is asked without being recorded."),
    "loan.trial-decisions.v1": ("receiveTrialDecision", "Read what would be decided. It is no decision."),
}
"""Name and summary of the operation on each topic."""


def document() -> JsonObject:
    """Return the document. It has no address: where Kafka is, the operator says."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:octroi:contract",
        "info": {
            "title": "Octroi",
            "version": DOCUMENT_VERSION,
            "description": _guide(),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {_channel_name(topic): _channel(topic) for topic in TOPICS},
        "operations": {OPERATIONS[topic.name][0]: _operation(topic) for topic in TOPICS},
        "components": {
            "messages": messages(),
            "schemas": shared_definitions("#/components/schemas/{model}"),
        },
    }


def _guide() -> str:
    required = [name for name, field in LoanApplication.model_fields.items() if field.is_required()]
    words = Template(Path(__file__).with_name("guide.md").read_text(encoding="utf-8"))
    return words.substitute(
        applications=APPLICATIONS.name,
        decisions=DECISIONS.name,
        dead_letters=DEAD_LETTERS.name,
        event_type=LoanApplicationSubmitted.event_type(),
        required=", ".join(f"`{name}`" for name in required),
        largest_event=LARGEST_EVENT,
        largest_record=LARGEST_RECORD,
    )


def _server() -> JsonObject:
    bootstrap = {"description": "Host and port of a broker, as the operator of the engine gives them."}
    return {
        "host": "{bootstrapServers}",
        "protocol": "kafka",
        "description": "The Kafka that the engine runs on.",
        "variables": {"bootstrapServers": bootstrap},
    }


def _channel_name(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic) -> JsonObject:
    policy = topic.configuration()
    settings = {
        "cleanup.policy": [policy["cleanup.policy"]],
        "retention.ms": int(policy["retention.ms"]),
        "max.message.bytes": int(policy["max.message.bytes"]),
    }
    partitions = {"partitions": 1} if topic.single_partition else {}
    return {
        "address": topic.name,
        "title": topic.name,
        "summary": topic.summary,
        "description": f"Key: {topic.key}. {_retention(topic)}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in message_names(topic)},
        "bindings": {
            "kafka": {"topic": topic.name, "topicConfiguration": settings, "bindingVersion": KAFKA_BINDING}
            | partitions
        },
    }


def _retention(topic: Topic) -> str:
    kept = "The last record of each key is kept" if topic.compacted else "Records are kept"
    if topic.retention is None:
        return f"{kept} for ever."
    days, hours = topic.retention.days, topic.retention // timedelta(hours=1)
    return f"{kept} for {days} days." if days else f"{kept} for {hours} hour{'s' if hours > 1 else ''}."


def _operation(topic: Topic) -> JsonObject:
    answer = {"reply": _messages_of(DECISIONS)} if topic is APPLICATIONS else {}
    return {
        "action": "send" if topic.from_outside else "receive",
        "summary": OPERATIONS[topic.name][1],
        **_messages_of(topic),
        **answer,
    }


def _messages_of(topic: Topic) -> JsonObject:
    channel = f"#/channels/{_channel_name(topic)}"
    return {
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in message_names(topic)],
    }
